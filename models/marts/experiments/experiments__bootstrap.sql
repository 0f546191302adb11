{{ config(tags=['monte_carlo']) }}

-- one row per experiment, treatment and metric
with

replicates as (

    select * from {{ ref('int_experiments__bootstrap_replicates') }}

),

results as (

    select * from {{ ref('experiments__results') }}

    where is_decisive

),

-- a replicate that no unit of an arm falls to has no standard error
studentized as (

    select
        replicates.experiment_id,
        replicates.treatment,
        replicates.metric,
        results.estimator,
        results.effect,
        results.std_error as formula_std_error,
        replicates.replicate,
        replicates.effect - results.effect as deviation,
        (replicates.effect - results.effect) / replicates.std_error as statistic

    from replicates
    inner join results
        on
            replicates.experiment_id = results.experiment_id
            and replicates.treatment = results.treatment
            and replicates.metric = results.metric
            and replicates.estimator = results.estimator

    where replicates.std_error is not null

),

ranked as (

    select
        *,
        count(*)
            over (partition by experiment_id, treatment, metric) as replicate_count,
        row_number() over (
            partition by experiment_id, treatment, metric
            order by statistic, replicate
        ) as statistic_rank

    from studentized

),

-- 2.5 % of the replicates' t lie below the interval's, as many above
aggregated_to_metric as (

    select
        experiment_id,
        treatment,
        metric,
        estimator,
        effect,
        formula_std_error,
        replicate_count,
        {{ ordered_sum('deviation', 'replicate') }} as deviation_sum,
        {{ ordered_sum('deviation * deviation', 'replicate') }}
            as deviation_sum_squares,
        max(
            case
                when statistic_rank = floor((replicate_count + 1) * 0.025e0)
                    then statistic
            end
        ) as lower_statistic,
        max(
            case
                when
                    statistic_rank
                    = replicate_count + 1 - floor((replicate_count + 1) * 0.025e0)
                    then statistic
            end
        ) as upper_statistic

    from ranked

    group by
        experiment_id,
        treatment,
        metric,
        estimator,
        effect,
        formula_std_error,
        replicate_count

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    effect,
    sqrt(
        (deviation_sum_squares - deviation_sum * deviation_sum / replicate_count)
        / nullif(replicate_count - 1, 0)
    ) as std_error,
    effect - upper_statistic * formula_std_error as ci_lower,
    effect - lower_statistic * formula_std_error as ci_upper,
    replicate_count

from aggregated_to_metric
