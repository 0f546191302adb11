-- one row per session: the context of its first search, and its searches
with

searches as (

    select * from {{ ref('stg_search__searches') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by session_id order by timestamp, event_id
        ) as search_number

    from searches

),

aggregated_to_session as (

    select
        session_id,
        max(case when search_number = 1 then user_id end) as user_id,
        max(case when search_number = 1 then anonymous_id end) as anonymous_id,
        max(case when search_number = 1 then platform end) as platform,
        max(case when search_number = 1 then device_type end) as device_type,
        max(case when search_number = 1 then geo_country end) as geo_country,
        max(case when search_number = 1 then geo_city end) as geo_city,
        max(case when search_number = 1 then utm_source end) as utm_source,
        max(case when search_number = 1 then utm_medium end) as utm_medium,
        max(case when search_number = 1 then utm_campaign end) as utm_campaign,
        count(*) as search_count,
        count(distinct query) as unique_query_count,
        min(timestamp) as started_at,
        max(timestamp) as last_searched_at

    from numbered

    group by session_id

),

identified as (

    select
        session_id,
        coalesce(user_id, cast(anonymous_id as {{ dbt.type_string() }})) as unit_id,
        user_id,
        anonymous_id,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        search_count,
        unique_query_count,
        started_at,
        last_searched_at

    from aggregated_to_session

)

select * from identified
