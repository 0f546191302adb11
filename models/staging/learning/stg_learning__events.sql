{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per event
with

validated as (

    select * from {{ ref('stg_learning__events_validated') }}

),

accepted as (

    select
        event_id,
        user_id,
        event_time,
        event_type,
        course_id,
        watch_minutes,
        quiz_score,
        amount,
        cast(event_time as date) as event_date,
        received_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('learning', 'accepted_at') }}

)

select * from accepted
