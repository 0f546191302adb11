{{ config(tags=['deep']) }}

-- one row per experiment and metric
with

looks as (

    select * from {{ ref('truth__sequential_looks') }}

),

aggregated_to_replicate as (

    select
        experiment_id,
        metric,
        replicate,
        count(*) as n_looks,
        case when min(p_value_peeking) < 0.05 then 1 else 0 end as peeking_rejections,
        case when min(p_value_sequence) < 0.05 then 1 else 0 end
            as always_valid_rejections

    from looks

    group by experiment_id, metric, replicate

),

aggregated_to_metric as (

    select
        experiment_id,
        metric,
        max(n_looks) as n_looks,
        count(*) as replicate_count,
        cast(sum(peeking_rejections) as double) / count(*) as peeking_rejection_rate,
        cast(sum(always_valid_rejections) as double) / count(*)
            as always_valid_rejection_rate

    from aggregated_to_replicate

    group by experiment_id, metric

)

select
    experiment_id,
    metric,
    n_looks,
    replicate_count,
    peeking_rejection_rate,
    sqrt(
        peeking_rejection_rate * (1 - peeking_rejection_rate) / replicate_count
    ) as peeking_rejection_mcse,
    always_valid_rejection_rate,
    sqrt(
        always_valid_rejection_rate * (1 - always_valid_rejection_rate)
        / replicate_count
    ) as always_valid_rejection_mcse

from aggregated_to_metric
