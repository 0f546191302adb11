{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per event
with

validated as (

    select * from {{ ref('stg_custom__events_validated') }}

),

accepted as (

    select
        event_id,
        user_id,
        session_id,
        event_name,
        event_time,
        {{- listed(declared_columns('events')) }}
        cast(event_time as date) as event_date,
        received_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('custom', 'accepted_at') }}

)

select * from accepted
