{{ config(tags=['deep']) }}

-- one row per experiment and metric
with

replicate_effects as (

    select * from {{ ref('int_experiments__bootstrap_replicates') }}

),

results as (

    select * from {{ ref('experiments__results') }}

    where estimator = 'naive'

),

-- an arm that no unit of a replicate falls to has no effect
deviations as (

    select
        replicate_effects.experiment_id,
        replicate_effects.metric,
        results.effect,
        replicate_effects.effect as replicate_effect,
        replicate_effects.effect - results.effect as deviation,
        replicate_effects.replicate

    from replicate_effects
    inner join results
        on
            replicate_effects.experiment_id = results.experiment_id
            and replicate_effects.metric = results.metric

    where replicate_effects.effect is not null

),

-- in the order of replicates, so that no order of adding changes a digit
cumulated as (

    select
        experiment_id,
        metric,
        effect,
        replicate_effect,
        sum(deviation) over (
            partition by experiment_id, metric
            order by replicate rows unbounded preceding
        ) as deviation_sum,
        sum(deviation * deviation) over (
            partition by experiment_id, metric
            order by replicate rows unbounded preceding
        ) as deviation_sum_squares,
        count(*) over (partition by experiment_id, metric) as replicate_count,
        row_number() over (
            partition by experiment_id, metric order by replicate
        ) as position,
        row_number() over (
            partition by experiment_id, metric order by replicate_effect, replicate
        ) as effect_rank

    from deviations

),

-- 2.5 % of the replicates lie below the interval, as many above it
bounded as (

    select
        *,
        floor((replicate_count + 1) * 0.025e0) as lower_rank,
        replicate_count + 1 - floor((replicate_count + 1) * 0.025e0) as upper_rank

    from cumulated

)

select
    experiment_id,
    metric,
    effect,
    max(
        case
            when position = replicate_count
                then sqrt(
                    (deviation_sum_squares - deviation_sum * deviation_sum / position)
                    / nullif(position - 1, 0)
                )
        end
    ) as std_error,
    max(case when effect_rank = lower_rank then replicate_effect end) as ci_lower,
    max(case when effect_rank = upper_rank then replicate_effect end) as ci_upper,
    replicate_count

from bounded

group by experiment_id, metric, effect, replicate_count
