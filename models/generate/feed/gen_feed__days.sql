{{ config(materialized='view') }}

-- one row per user and day with a session
with

users as (

    select * from {{ ref('gen_feed__users') }}

),

lived as (

    select
        user_number,
        user_key,
        user_id,
        feature_flag,
        segment_number,
        signup_day,
        is_churner_if_exposed,
        least(
            active_days,
            {{ (delivered_until('feed') - world_start_date('feed')).days }}
            - {{ setting('feed_pre_days') }} - signup_day
        ) as end_day

    from users

),

spread as (

    {{ spread_over_threads('lived') }}

),

expanded_to_days as (

    select
        user_number,
        user_key,
        user_id,
        feature_flag,
        segment_number,
        signup_day,
        is_churner_if_exposed,
        {{ unnest_range(-setting('feed_pre_days'), 'end_day') }} as day_since_exposure

    from spread

),

keyed as (

    select
        user_number,
        user_id,
        feature_flag,
        segment_number,
        signup_day,
        day_since_exposure,
        {{ fold_in('user_key', 'day_since_exposure') }} as day_key,
        is_churner_if_exposed

    from expanded_to_days

),

active as (

    select * from keyed

    where
        day_since_exposure = 0
        or {{ bernoulli(
            'day_key', 'feed.days.return', setting('feed_return_probability')
        ) }}

)

select * from active
