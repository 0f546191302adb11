{{ config(tags=['feed']) }}

-- one row per user whose days have gaps, or other card views than the user's events
with

users as (

    select * from {{ ref('stg_feed__users') }}

),

events as (

    select * from {{ ref('stg_feed__events') }}

),

user_days as (

    select * from {{ ref('feed__user_daily') }}

),

events_aggregated_to_user as (

    select
        user_id,
        count(content_id) as card_view_count

    from events

    group by user_id

),

days_aggregated_to_user as (

    select
        user_id,
        count(*) as day_count,
        max(days_since_signup) + 1 as expected_day_count,
        min(activity_date) as first_date,
        sum(card_view_count) as card_view_count

    from user_days

    group by user_id

),

compared as (

    select
        users.user_id,
        users.signup_date,
        days.first_date,
        coalesce(days.day_count, 0) as day_count,
        coalesce(days.expected_day_count, 1) as expected_day_count,
        coalesce(days.card_view_count, 0) as card_view_count,
        coalesce(events.card_view_count, 0) as event_card_view_count

    from users
    left join days_aggregated_to_user as days on users.user_id = days.user_id
    left join events_aggregated_to_user as events on users.user_id = events.user_id

)

select * from compared

where
    day_count != expected_day_count
    or first_date != cast(signup_date as date)
    or card_view_count != event_card_view_count
