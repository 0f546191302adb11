{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per click
with

validated as (

    select * from {{ ref('stg_search__clicks_validated') }}

),

accepted as (

    select
        event_id,
        event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        search_event_id,
        result_id,
        result_position,
        result_type,
        result_price,
        result_provider,
        result_destination,
        cast(timestamp as date) as event_date,
        received_at,
        accepted_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('search', 'accepted_at') }}

)

select * from accepted
