{{ config(materialized=large_view_or_table()) }}

-- one row per user and day of the window from registration: how often the user comes
with

users as (

    select * from {{ ref('gen_shop__users') }}

),

calendar as (

    select * from {{ ref('gen_shop__calendar') }}

),

registered as (

    select
        user_number,
        user_key,
        persona_number,
        sessions_per_week,
        registered_at_ms,
        {{ integer_quotient(
            'greatest(registered_at_ms - '
            ~ epoch_ms_literal(world_start_date('shop')) ~ ', 0)', 86400000
        ) }} as first_day

    from users

),

spread as (

    {{ spread_over_threads('registered') }}

),

expanded_to_days as (

    select
        user_number,
        user_key,
        persona_number,
        sessions_per_week,
        registered_at_ms,
        {{ unnest_range('first_day', setting('shop_days')) }} as day

    from spread

),

keyed as (

    select
        *,
        {{ fold_in('user_key', 'day') }} as day_key

    from expanded_to_days

),

rated as (

    select
        keyed.*,
        calendar.available_item_count,
        calendar.day_ms,
        keyed.sessions_per_week / 7 * calendar.rate_factor as session_rate,
        {{ uniform('keyed.day_key', 'shop.days.sessions') }} as session_draw

    from keyed
    left join calendar on keyed.day = calendar.day

),

days as (

    select
        user_number,
        day,
        day_key,
        persona_number,
        available_item_count,
        {{ poisson('session_draw', 'session_rate') }} as arrival_count,
        registered_at_ms,
        day_ms

    from rated

)

select * from days
