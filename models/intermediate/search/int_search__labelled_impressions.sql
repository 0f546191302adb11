{{ config(materialized='view') }}

-- one row per impression, with the arm of its visitor and what came of it
with

impressions as (

    select * from {{ ref('stg_search__impressions') }}

),

searches as (

    select * from {{ ref('stg_search__searches') }}

),

sessions as (

    select
        session_id,
        cast(started_at as date) as session_date

    from {{ ref('int_search__sessions') }}

),

exposures as (

    select * from {{ ref('int_search__exposures') }}

),

clicks as (

    select * from {{ ref('stg_search__clicks') }}

),

conversions as (

    select
        click_event_id,
        count(*) as conversion_count

    from {{ ref('stg_search__conversions') }}

    group by click_event_id

),

searched as (

    select
        searches.event_id as search_event_id,
        searches.query,
        searches.results_count,
        searches.page,
        searches.platform,
        searches.device_type,
        searches.geo_country,
        exposures.variant,
        sessions.session_date

    from searches
    inner join sessions on searches.session_id = sessions.session_id
    left join exposures
        on
            coalesce(
                searches.user_id,
                cast(searches.anonymous_id as {{ dbt.type_string() }})
            ) = exposures.unit_id

),

clicked as (

    select
        clicks.search_event_id,
        clicks.result_position,
        count(*) as click_count,
        count(conversions.click_event_id) as booked_click_count

    from clicks
    left join conversions on clicks.event_id = conversions.click_event_id

    group by clicks.search_event_id, clicks.result_position

),

labelled as (

    select
        impressions.search_event_id,
        impressions.result_id,
        searched.variant,
        searched.query,
        impressions.result_type,
        impressions.result_provider,
        impressions.result_destination,
        searched.platform,
        searched.device_type,
        searched.geo_country,
        searched.results_count,
        searched.page,
        impressions.result_position,
        impressions.result_price,
        clicked.search_event_id is not null as is_clicked,
        coalesce(clicked.booked_click_count, 0) > 0 as is_booked,
        searched.session_date

    from impressions
    inner join searched on impressions.search_event_id = searched.search_event_id
    left join clicked
        on
            impressions.search_event_id = clicked.search_event_id
            and impressions.result_position = clicked.result_position

)

select * from labelled
