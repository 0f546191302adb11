-- one row per event of the world without any experiment's effect
with

users as (

    select * from {{ ref('gen_custom__users') }}

),

days as (

    {{ drawn_days('users', 'greatest(signup_day, 0)', largest_factor='1') }}

),

hours as (

    select * from {{ ref('gen_custom__hour_aliases') }}

),

transitions as (

    select * from {{ ref('gen_custom__transitions') }}

),

active as (

    select
        user_number,
        0 as variant_number,
        segment_number,
        0 as regime,
        day_number,
        day_key,
        sessions_per_active_day as session_rate,
        rate_factor_ppm

    from days

    where
        {{ is_active_day(
            'active_share', 'weekday_factor', 'stay_draw', 'activity_draw',
            'days_since_signup'
        ) }}

),

sessions as (

    {{ sessions_begun('active', 'hours') }}

),

begun as (

    {{ first_steps('sessions') }}

),

steps as (

    {{ walked('begun', 'transitions') }}

)

select * from steps
