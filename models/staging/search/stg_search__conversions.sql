{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per conversion
with

validated as (

    select * from {{ ref('stg_search__conversions_validated') }}

),

accepted as (

    select
        event_id,
        event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        click_event_id,
        booking_value,
        commission,
        currency,
        product_type,
        provider,
        cast(timestamp as date) as event_date,
        received_at,
        accepted_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('search', 'accepted_at') }}

)

select * from accepted
