{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per search
with

validated as (

    select * from {{ ref('stg_search__searches_validated') }}

),

accepted as (

    select
        event_id,
        event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        query,
        results_count,
        page,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        filters,
        cast(timestamp as date) as event_date,
        received_at,
        accepted_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('search', 'accepted_at') }}

)

select * from accepted
