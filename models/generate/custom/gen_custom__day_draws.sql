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

drawn as (

    {{ drawn_days('users', 'greatest(signup_day, 0)') }}

)

select * from drawn
