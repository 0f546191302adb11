{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per event
with

validated as (

    select * from {{ ref('stg_shop__events_validated') }}

),

accepted as (

    select
        event_id,
        user_id,
        session_id,
        timestamp,
        event_type,
        item_id,
        duration_seconds,
        received_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('shop', 'accepted_at') }}

)

select * from accepted
