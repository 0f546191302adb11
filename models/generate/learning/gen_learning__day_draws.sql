{{ config(materialized=large_view_or_table()) }}

-- one row per user and day of the world after the signup: its key and draws
with

users as (

    select * from {{ ref('gen_learning__users') }}

),

lived as (

    select
        user_number,
        user_key,
        user_id,
        variant as assigned_variant,
        signup_day,
        engagement_ppb,
        treated_engagement_ppb,
        last_active_day,
        treated_last_active_day,
        is_paid,
        is_in_experiment

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
        assigned_variant,
        engagement_ppb,
        treated_engagement_ppb,
        last_active_day,
        treated_last_active_day,
        is_paid,
        is_in_experiment,
        {{ unnest_range('greatest(signup_day, 0)', days_happened('learning')) }}
            as day_number

    from spread

),

keyed as (

    select
        expanded_to_days.*,
        {{ fold_in('user_key', 'day_number') }} as day_key,
        {{ date_of_day('learning', 'day_number') }}
            as activity_date

    from expanded_to_days

),

drawn as (

    select
        keyed.*,
        cast(
            floor(1000000000 * {{ uniform('day_key', 'learning.days.activity') }})
            as bigint
        ) as activity_draw_ppb,
        {{ uniform('day_key', 'learning.days.session_count') }} as session_count_draw

    from keyed

)

select * from drawn
