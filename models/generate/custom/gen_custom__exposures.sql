{{ config(materialized='view') }}

-- one row per user and variant in which the exposure log has the user, before dirt
with

users as (

    select * from {{ ref('gen_custom__users') }}

),

first_exposures as (

    select * from {{ ref('gen_custom__first_exposures') }}

),

variants as (

    {{ parameters('variants') }}

),

drawn as (

    select
        users.user_key,
        users.user_id,
        users.experiment_id,
        users.experiment_number,
        users.segment_number,
        users.variant_number,
        first_exposures.exposed_at_ms,
        {{ bernoulli(
            'users.user_key', 'custom.exposures.multi_variant', setting('multi_variant_rate')
        ) }} as is_multi_variant,
        {{ integers(
            'users.user_key', 'custom.exposures.second_exposure', 1000, 86400000
        ) }} as second_exposure_ms,
        {{ delivery_delay_ms('users.user_key', 'custom.exposures.delivery') }}
            as delay_ms,
        {{ uniform('users.user_key', 'custom.exposures.defect') }} as defect_draw

    from users
    inner join first_exposures on users.user_number = first_exposures.user_number

),

-- who is logged in a second variant is in the next one, or from the last one in control
logged as (

    select
        drawn.experiment_id,
        drawn.user_id,
        variants.variant,
        variants.probability as assignment_probability,
        drawn.exposed_at_ms as assigned_at_ms,
        drawn.exposed_at_ms + case
            when variants.variant_number = drawn.variant_number then 0
            else drawn.second_exposure_ms
        end as exposed_at_ms,
        drawn.delay_ms,
        drawn.defect_draw,
        variants.variant_number = drawn.variant_number as is_assigned

    from drawn
    inner join variants
        on
            drawn.experiment_number = variants.experiment_number
            and drawn.segment_number = variants.segment_number
    inner join (
        select
            experiment_number,
            max(variant_number) + 1 as variant_count

        from variants

        group by experiment_number
    ) as counted on drawn.experiment_number = counted.experiment_number

    where
        variants.variant_number = drawn.variant_number
        or (
            drawn.is_multi_variant
            and variants.variant_number
            = (drawn.variant_number + 1) % counted.variant_count
        )

)

select
    experiment_id,
    cast(user_id as {{ dbt.type_string() }}) as unit_id,
    variant,
    assignment_probability,
    -- the dirt falls on the row of the assigned variant
    case when is_assigned then defect_draw else 1 end as defect_draw,
    is_assigned,
    {{ timestamp_from_ms('assigned_at_ms') }} as assigned_at,
    {{ timestamp_from_ms('exposed_at_ms') }} as exposed_at,
    {{ timestamp_from_ms('exposed_at_ms + delay_ms') }} as received_at

from logged
