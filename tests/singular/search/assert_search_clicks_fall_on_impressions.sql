{{ config(tags=['search']) }}

-- one row per click on a result that was not shown there, or not at that price
with

clicks as (

    select * from {{ ref('stg_search__clicks') }}

),

impressions as (

    select * from {{ ref('stg_search__impressions') }}

),

invented as (

    select clicks.event_id

    from clicks
    left join impressions
        on
            clicks.search_event_id = impressions.search_event_id
            and clicks.result_position = impressions.result_position

    where
        impressions.result_id is null
        or clicks.result_id != impressions.result_id
        or clicks.result_type != impressions.result_type
        or clicks.result_price != impressions.result_price
        or clicks.result_provider != impressions.result_provider
        or clicks.result_destination != impressions.result_destination

)

select * from invented
