{{ config(materialized=large_view_or_table()) }}

-- one row per logged search, before dirt
with

searches as (

    select * from {{ ref('gen_search__searches') }}

    where is_logged

),

events as (

    select
        {{ search_event_id('search_key') }} as event_id,
        search_key,
        'search' as event_type,
        user_id,
        anonymous_id,
        session_id,
        query,
        cast(results_count as integer) as results_count,
        cast(page as integer) as page,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        cast(filters as {{ type_json() }}) as filters,
        defect_draw,
        {{ timestamp_from_ms('searched_at_ms') }} as timestamp,
        {{ timestamp_from_ms('searched_at_ms + delay_ms') }} as received_at

    from searches

)

select * from events
