-- one row per session: what came of its searches
with

sessions as (

    select * from {{ ref('int_search__sessions') }}

),

searches as (

    select * from {{ ref('stg_search__searches') }}

),

clicks as (

    select * from {{ ref('stg_search__clicks') }}

),

conversions as (

    select * from {{ ref('stg_search__conversions') }}

),

clicks_aggregated_to_search as (

    select
        search_event_id,
        count(*) as click_count,
        min(timestamp) as first_clicked_at

    from clicks

    group by search_event_id

),

searches_aggregated_to_session as (

    select
        searches.session_id,
        count(clicks.search_event_id) as clicked_search_count,
        cast(coalesce(sum(clicks.click_count), 0) as bigint) as click_count,
        cast(coalesce(sum(
            {{ epoch_ms('clicks.first_clicked_at') }}
            - {{ epoch_ms('searches.timestamp') }}
        ), 0) as bigint) as click_wait_ms

    from searches
    left join clicks_aggregated_to_search as clicks
        on searches.event_id = clicks.search_event_id

    group by searches.session_id

),

conversions_aggregated_to_session as (

    select
        session_id,
        count(*) as conversion_count,
        cast(sum({{ cents('commission') }}) as bigint) as commission_cents

    from conversions

    group by session_id

),

joined as (

    select
        sessions.session_id,
        sessions.unit_id,
        sessions.search_count,
        searches.clicked_search_count,
        searches.click_count,
        searches.click_wait_ms,
        coalesce(conversions.conversion_count, 0) as conversion_count,
        coalesce(conversions.commission_cents, 0) as commission_cents,
        sessions.started_at

    from sessions
    inner join searches_aggregated_to_session as searches
        on sessions.session_id = searches.session_id
    left join conversions_aggregated_to_session as conversions
        on sessions.session_id = conversions.session_id

)

select * from joined
