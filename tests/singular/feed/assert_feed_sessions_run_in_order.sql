{{ config(tags=['feed']) }}

-- one row per session with events outside its start and end, or of two users or arms
with

events as (

    select * from {{ ref('stg_feed__events') }}

),

aggregated_to_session as (

    select
        session_id,
        count(case when event_name = 'session_start' then 1 end) as start_count,
        count(case when event_name = 'session_end' then 1 end) as end_count,
        min(case when event_name = 'session_start' then event_time end) as started_at,
        max(case when event_name = 'session_end' then event_time end) as ended_at,
        min(event_time) as first_event_at,
        max(event_time) as last_event_at,
        min(user_id) != max(user_id) as has_several_users,
        min(feature_flag) != max(feature_flag) as has_several_arms

    from events

    group by session_id

),

-- the start or the end may not be delivered yet
disordered as (

    select * from aggregated_to_session

    where
        start_count > 1
        or end_count > 1
        or first_event_at < started_at
        or last_event_at > ended_at
        or has_several_users
        or has_several_arms

)

select * from disordered
