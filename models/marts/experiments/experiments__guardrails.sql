-- one row per experiment, treatment and guardrail metric
with

results as (

    select * from {{ ref('experiments__results') }}

    where is_decisive

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

    where role = 'guardrail'

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

    where not is_control

),

-- one that cannot be estimated is there as well
described as (

    select
        metrics.experiment_id,
        variants.variant as treatment,
        metrics.metric,
        results.estimator,
        metrics.direction,
        metrics.unit,
        results.control_mean,
        results.control_std_error,
        results.treatment_mean,
        results.treatment_std_error,
        results.effect,
        results.std_error,
        results.dof,
        results.p_value_holm,
        results.ci_lower,
        results.ci_upper,
        metrics.margin,
        coalesce(results.dof, cast('infinity' as double)) as reference_dof,
        metrics.margin_is_relative,
        case when metrics.direction = 'increase' then 1 else -1 end as better,
        -- the multiple of control's mean that the margin is measured from
        1 + case when metrics.direction = 'increase' then -1 else 1 end
        * case when metrics.margin_is_relative then metrics.margin else 0 end
            as tolerated_multiple

    from metrics
    inner join variants on metrics.experiment_id = variants.experiment_id
    left join results
        on
            metrics.experiment_id = results.experiment_id
            and variants.variant = results.treatment
            and metrics.metric = results.metric

),

-- above 0 where control is beaten, or missed by less than the margin; the covariance of
-- the means is what their variances leave of that of their difference
standardized as (

    select
        *,
        case
            when margin_is_relative
                then
                    better * (treatment_mean - tolerated_multiple * control_mean)
                    / sqrt(
                        treatment_std_error * treatment_std_error
                        + tolerated_multiple * tolerated_multiple
                        * control_std_error * control_std_error
                        - tolerated_multiple * (
                            treatment_std_error * treatment_std_error
                            + control_std_error * control_std_error
                            - std_error * std_error
                        )
                    )
            else (better * effect + margin) / std_error
        end as statistic

    from described

),

tested as (

    {{ student_t_one_sided('standardized', 'statistic', 'reference_dof', 'p_value') }}

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    direction,
    unit,
    effect,
    std_error,
    dof,
    ci_lower,
    ci_upper,
    margin,
    statistic,
    p_value,
    p_value_holm,
    -- one-sided at 2.5 %, as each end of the interval is
    case
        when p_value is null then 'unknown'
        when direction = 'increase' and ci_upper < 0 then 'harmed'
        when direction = 'decrease' and ci_lower > 0 then 'harmed'
        when p_value < 0.025 then 'not_inferior'
        else 'undecided'
    end as decision,
    margin_is_relative

from tested
