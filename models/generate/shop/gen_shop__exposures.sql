-- one row per user and variant in which the exposure log has the user, before dirt
with

users as (

    select * from {{ ref('gen_shop__users') }}

),

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

    where day >= {{ shop_experiment_day() }}

),

variants as (

    select * from {{ ref('shop_variants') }}

),

first_sessions as (

    select
        user_number,
        min(started_at_ms) as started_at_ms

    from sessions

    group by user_number

),

drawn as (

    select
        users.user_key,
        users.user_number,
        users.user_id,
        users.variant as assigned_variant,
        first_sessions.started_at_ms,
        greatest(
            {{ epoch_ms_literal(world_start_date('shop')) }}
            + {{ 86400000 * shop_experiment_day() }},
            86400000 * ({{ integer_quotient('users.registered_at_ms', 86400000) }})
        ) as assigned_at_ms,
        {{ bernoulli(
            'users.user_key', 'shop.exposures.multi_variant',
            setting('multi_variant_rate')
        ) }} as is_multi_variant,
        {{ integers(
            'users.user_key', 'shop.exposures.second_exposure', 1000, 86400000
        ) }} as second_exposure_ms,
        {{ delivery_delay_ms('users.user_key', 'shop.exposures.delivery') }}
            as delay_ms,
        {{ uniform('users.user_key', 'shop.exposures.defect') }} as defect_draw

    from users
    inner join first_sessions on users.user_number = first_sessions.user_number

),

logged as (

    select
        variants.experiment_id,
        drawn.user_id as unit_id,
        variants.variant,
        variants.share as assignment_probability,
        drawn.assigned_at_ms,
        drawn.started_at_ms + case
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
    unit_id,
    variant,
    assignment_probability,
    -- the dirt falls on the row of the assigned variant
    case when is_assigned then defect_draw else cast(1 as double) end as defect_draw,
    is_assigned,
    {{ timestamp_from_ms('assigned_at_ms') }} as assigned_at,
    {{ timestamp_from_ms('exposed_at_ms') }} as exposed_at,
    {{ timestamp_from_ms('exposed_at_ms + delay_ms') }} as received_at

from logged
