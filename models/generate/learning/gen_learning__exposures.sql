{{ config(materialized=large_view_or_table()) }}

-- one row per user and variant in which the exposure log has the user, before dirt
with

users as (

    select * from {{ ref('gen_learning__users') }}

    where is_in_experiment

),

variants as (

    select * from {{ ref('learning_variants') }}

),

drawn as (

    select
        user_id,
        variant as assigned_variant,
        {{ epoch_ms_literal(world_start_date('learning')) }}
        + cast({{ learning_experiment_day() }} as bigint) * 86400000 as assigned_at_ms,
        -- the reminder goes out between eight and ten in the morning
        {{ integers(
            'user_key', 'learning.exposures.exposure', 8 * 3600000, 10 * 3600000
        ) }} as exposure_ms,
        {{ bernoulli(
            'user_key', 'learning.exposures.multi_variant', setting('multi_variant_rate')
        ) }} as is_multi_variant,
        {{ integers(
            'user_key', 'learning.exposures.second_exposure', 1000, 86400000
        ) }} as second_exposure_ms,
        {{ delivery_delay_ms('user_key', 'learning.exposures.delivery') }} as delay_ms,
        {{ uniform('user_key', 'learning.exposures.defect') }} as defect_draw

    from users

),

logged as (

    select
        variants.experiment_id,
        drawn.user_id,
        variants.variant,
        drawn.assigned_at_ms,
        drawn.assigned_at_ms + drawn.exposure_ms + case
            when variants.variant = drawn.assigned_variant then 0
            else drawn.second_exposure_ms
        end as exposed_at_ms,
        drawn.delay_ms,
        drawn.defect_draw,
        variants.variant = drawn.assigned_variant as is_assigned

    from drawn
    cross join variants

    where variants.variant = drawn.assigned_variant or drawn.is_multi_variant

)

select
    experiment_id,
    cast(user_id as {{ dbt.type_string() }}) as unit_id,
    variant,
    cast(0.5 as double) as assignment_probability,
    -- the dirt falls on the row of the assigned variant
    case when is_assigned then defect_draw else 1 end as defect_draw,
    is_assigned,
    {{ timestamp_from_ms('assigned_at_ms') }} as assigned_at,
    {{ timestamp_from_ms('exposed_at_ms') }} as exposed_at,
    {{ timestamp_from_ms('exposed_at_ms + delay_ms') }} as received_at

from logged
