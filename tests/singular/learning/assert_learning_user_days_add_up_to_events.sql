{{ config(tags=['learning']) }}

-- one row per user whose grid has gaps, or adds up to other counts than the events
with

users as (

    select * from {{ ref('stg_learning__users') }}

),

events as (

    select * from {{ ref('stg_learning__events') }}

    where event_date <= date '{{ last_delivered_date("learning") }}'

),

user_days as (

    select * from {{ ref('learning__user_daily') }}

),

events_aggregated_to_user as (

    select
        user_id,
        count(*) as event_count,
        sum(watch_minutes) as watch_minutes,
        count(amount) as payment_count

    from events

    group by user_id

),

days_aggregated_to_user as (

    select
        user_id,
        count(*) as day_count,
        min(as_of_date) as first_date,
        max(as_of_date) as last_date,
        sum(total_events) as event_count,
        sum(watch_minutes_sum) as watch_minutes,
        sum(payment_success_count + payment_failed_count) as payment_count

    from user_days

    group by user_id

),

compared as (

    select
        users.user_id,
        days.day_count,
        days.first_date,
        days.last_date,
        days.event_count,
        days.watch_minutes,
        days.payment_count,
        coalesce(events.event_count, 0) as expected_event_count,
        coalesce(events.watch_minutes, 0) as expected_watch_minutes,
        coalesce(events.payment_count, 0) as expected_payment_count

    from users
    left join days_aggregated_to_user as days on users.user_id = days.user_id
    left join events_aggregated_to_user as events on users.user_id = events.user_id

)

select * from compared

where
    coalesce(day_count, 0) != {{ days_covered('learning') }}
    or first_date != date '{{ world_start_date("learning") }}'
    or last_date != date '{{ last_delivered_date("learning") }}'
    or event_count != expected_event_count
    or watch_minutes != expected_watch_minutes
    or payment_count != expected_payment_count
