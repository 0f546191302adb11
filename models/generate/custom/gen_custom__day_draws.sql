{{ config(materialized='view') }}

-- one row per user and day of the world since the sign-up: its draws
with

users as (

    select * from {{ ref('gen_custom__users') }}

),

drawn as (

    {{ drawn_days('users', 'greatest(signup_day, 0)') }}

)

select * from drawn
