{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per event
with

validated as (

    select * from {{ ref('stg_feed__events_validated') }}

),

accepted as (

    select
        event_id,
        user_id,
        event_time,
        event_name,
        session_id,
        feature_flag,
        content_id,
        cast(event_time as date) as event_date,
        received_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('feed', 'accepted_at') }}

)

select * from accepted
