-- one row per time that a user comes to the shop, before sessions are kept apart
with

days as (

    select * from {{ ref('gen_shop__days') }}

    where arrival_count > 0 and available_item_count > 0

),

hours as (

    select * from {{ ref('gen_shop__hour_aliases') }}

),

quantiles as (

    select * from {{ ref('gen_shop__item_count_quantiles') }}

),

personas as (

    select * from {{ ref('gen_shop__personas') }}

),

expanded_to_arrivals as (

    select
        user_number,
        day,
        day_key,
        persona_number,
        available_item_count,
        registered_at_ms,
        day_ms,
        {{ unnest_range(0, 'arrival_count') }} as arrival_number

    from days

),

keyed as (

    select
        *,
        {{ fold_in('day_key', 'arrival_number') }} as session_key

    from expanded_to_arrivals

),

drawn as (

    select
        *,
        24 * {{ uniform('session_key', 'shop.arrivals.hour') }} as hour_position,
        {{ integers('session_key', 'shop.arrivals.time_in_hour', 0, 3600000) }}
            as ms_in_hour,
        cast(
            floor(1000000000 * {{ uniform('session_key', 'shop.arrivals.items') }})
            as bigint
        ) as item_draw_ppb

    from keyed

),

timed as (

    select
        drawn.*,
        drawn.day_ms + drawn.ms_in_hour + 3600000 * case
            when drawn.hour_position - hours.bucket < hours.own_share then hours.hour
            else hours.alias_hour
        end as arrived_at_ms

    from drawn
    left join hours on cast(floor(drawn.hour_position) as bigint) = hours.bucket

),

counted as (

    select
        timed.*,
        least(greatest(quantiles.item_count, 1), timed.available_item_count)
            as item_count

    from timed
    left join quantiles
        on
            timed.persona_number = quantiles.persona_number
            and quantiles.bucket
            = {{ integer_quotient('timed.item_draw_ppb', 1000000) }}
            and timed.item_draw_ppb >= quantiles.lower_ppb
            and timed.item_draw_ppb < quantiles.upper_ppb

),

arrivals as (

    select
        counted.user_number,
        counted.day,
        counted.arrival_number,
        counted.session_key,
        counted.item_count,
        personas.scroll_probability,
        personas.cart_probability,
        counted.arrived_at_ms

    from counted
    left join personas on counted.persona_number = personas.persona_number

    where
        counted.arrived_at_ms >= counted.registered_at_ms
        and counted.arrived_at_ms < {{ epoch_ms_literal(delivered_until('shop')) }}

)

select * from arrivals
