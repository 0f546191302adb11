{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per search and one of its first ten results
with

validated as (

    select * from {{ ref('stg_search__impressions_validated') }}

),

accepted as (

    select
        search_event_id,
        result_id,
        result_position,
        result_type,
        result_price,
        result_provider,
        result_destination,
        received_at

    from validated

    where
        reject_reason is null
        and {{ newly_delivered('search', 'accepted_at') }}

)

select * from accepted
