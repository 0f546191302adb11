{{ config(materialized='view') }}

-- one row per user and day of the world since the sign-up: its draws
with

users as (

    select
        user_number,
        user_key,
        segment_number,
        signup_day,
        sessions_per_active_day,
        rate_factor_ppm,
        stay_draw

    from {{ ref('gen_custom__users') }}

),

retention as (

    select * from {{ ref('gen_custom__retention') }}

),

weekdays as (

    {{ parameters('weekdays') }}

),

spread as (

    {{ spread_over_threads('users') }}

),

expanded_to_days as (

    select
        spread.*,
        {{ unnest_range('greatest(signup_day, 0)', days_happened('custom')) }}
            as day_number

    from spread

),

keyed as (

    select
        expanded_to_days.*,
        day_number - signup_day as days_since_signup,
        (day_number + {{ world_start_date('custom').isoweekday() - 1 }}) % 7 + 1
            as day_of_week,
        {{ fold_in('user_key', 'day_number') }} as day_key

    from expanded_to_days

),

drawn as (

    select
        keyed.user_number,
        keyed.segment_number,
        keyed.day_number,
        keyed.day_key,
        keyed.days_since_signup,
        keyed.sessions_per_active_day,
        keyed.rate_factor_ppm,
        keyed.stay_draw,
        {{ uniform('keyed.day_key', 'custom.days.activity') }} as activity_draw,
        retention.active_share,
        weekdays.factor as weekday_factor

    from keyed
    inner join retention
        on
            keyed.segment_number = retention.segment_number
            and keyed.days_since_signup = retention.days_since_signup
    inner join weekdays on keyed.day_of_week = weekdays.day_of_week

)

select * from drawn
