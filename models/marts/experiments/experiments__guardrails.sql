-- one row per experiment and guardrail metric
with

-- right whether or not the probability of treatment differs between strata
results as (

    select * from {{ ref('experiments__results') }}

    where
        role = 'guardrail'
        and estimator = 'post_stratified'
        and estimand = 'sate'

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

turned as (

    select
        results.experiment_id,
        results.metric,
        results.estimator,
        metrics.direction,
        metrics.unit,
        results.effect,
        results.std_error,
        results.dof,
        results.ci_lower,
        results.ci_upper,
        metrics.margin as non_inferiority_margin,
        coalesce(results.dof, cast('infinity' as double)) as reference_dof,
        -- above 0 where control is beaten, or missed by less than the margin
        case when metrics.direction = 'increase' then 1 else -1 end * results.effect
        + metrics.margin as slack

    from results
    inner join metrics
        on
            results.experiment_id = metrics.experiment_id
            and results.metric = metrics.metric

),

standardized as (

    select
        *,
        slack / std_error as statistic

    from turned

),

tested as (

    {{ student_t_one_sided('standardized', 'statistic', 'reference_dof', 'p_value') }}

)

select
    experiment_id,
    metric,
    estimator,
    direction,
    unit,
    effect,
    std_error,
    dof,
    ci_lower,
    ci_upper,
    non_inferiority_margin,
    statistic,
    p_value,
    case
        when p_value is null then 'unknown'
        when p_value < 0.05 then 'not_inferior'
        when direction = 'increase' and ci_upper < 0 then 'harmed'
        when direction = 'decrease' and ci_lower > 0 then 'harmed'
        else 'undecided'
    end as decision

from tested
