{{ config(tags=['search']) }}

-- one row per click or conversion that does not come after what it belongs to, or has
-- another session or visitor
with

searches as (

    select * from {{ ref('stg_search__searches') }}

),

clicks as (

    select * from {{ ref('stg_search__clicks') }}

),

conversions as (

    select * from {{ ref('stg_search__conversions') }}

),

disordered_clicks as (

    select clicks.event_id

    from clicks
    inner join searches on clicks.search_event_id = searches.event_id

    where
        clicks.timestamp <= searches.timestamp
        or clicks.session_id != searches.session_id
        or coalesce(clicks.user_id, '') != coalesce(searches.user_id, '')
        or (clicks.anonymous_id is null) != (searches.anonymous_id is null)
        or clicks.anonymous_id != searches.anonymous_id

),

disordered_conversions as (

    select conversions.event_id

    from conversions
    inner join clicks on conversions.click_event_id = clicks.event_id

    where
        conversions.timestamp <= clicks.timestamp
        or conversions.session_id != clicks.session_id
        or coalesce(conversions.user_id, '') != coalesce(clicks.user_id, '')
        or (conversions.anonymous_id is null) != (clicks.anonymous_id is null)
        or conversions.anonymous_id != clicks.anonymous_id
        or conversions.product_type != clicks.result_type
        or conversions.provider != clicks.result_provider

),

disordered as (

    select event_id from disordered_clicks

    union all

    select event_id from disordered_conversions

)

select * from disordered
