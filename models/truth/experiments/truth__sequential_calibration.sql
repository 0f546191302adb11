{{ config(tags=['monte_carlo']) }}

-- one row per experiment, treatment and primary metric
with

looks as (

    select * from {{ ref('truth__sequential_looks') }}

),

aggregated_to_replicate as (

    select
        experiment_id,
        treatment,
        metric,
        replicate,
        count(*) as n_looks,
        case when min(p_value_peeking) < 0.05 then 1 else 0 end as peeking_rejections,
        case when min(p_value_sequence) < 0.05 then 1 else 0 end
            as always_valid_rejections,
        max(case when is_past_obrien_fleming then 1 else 0 end)
            as obrien_fleming_rejections,
        max(case when is_past_pocock then 1 else 0 end) as pocock_rejections

    from looks

    group by experiment_id, treatment, metric, replicate

),

aggregated_to_metric as (

    select
        experiment_id,
        treatment,
        metric,
        max(n_looks) as n_looks,
        count(*) as replicate_count,
        cast(sum(peeking_rejections) as double) / count(*)
            as peeking_rejection_rate,
        cast(sum(always_valid_rejections) as double) / count(*)
            as always_valid_rejection_rate,
        cast(sum(obrien_fleming_rejections) as double) / count(*)
            as obrien_fleming_rejection_rate,
        cast(sum(pocock_rejections) as double) / count(*)
            as pocock_rejection_rate

    from aggregated_to_replicate

    group by experiment_id, treatment, metric

)

select
    experiment_id,
    treatment,
    metric,
    n_looks,
    {%- for rule in ['peeking', 'always_valid', 'obrien_fleming', 'pocock'] %}
        {{ rule }}_rejection_rate,
        sqrt(
            {{ rule }}_rejection_rate * (1 - {{ rule }}_rejection_rate)
            / replicate_count
        ) as {{ rule }}_rejection_mcse,
    {%- endfor %}
    replicate_count

from aggregated_to_metric
