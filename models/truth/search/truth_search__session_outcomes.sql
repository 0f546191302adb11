{{ config(materialized='view') }}

-- one row per session and arm: what comes of its searches in that arm
with

sessions as (

    select
        session_id,
        coalesce(user_id, cast(anonymous_id as {{ dbt.type_string() }})) as unit_id,
        {{ timestamp_from_ms('started_at_ms') }} as started_at

    from {{ ref('gen_search__sessions') }}

),

searches as (

    select * from {{ ref('gen_search__search_outcomes') }}

),

clicks as (

    select * from {{ ref('gen_search__clicks') }}

    where is_converted

),

searches_aggregated_to_session as (

    select
        session_id,
        variant,
        count(*) as search_count,
        count(case when click_count > 0 then 1 end) as clicked_search_count,
        cast(sum(click_count) as bigint) as click_count,
        cast(sum(case when click_count > 0 then click_gap_1_ms else 0 end) as bigint)
            as click_wait_ms

    from searches

    group by session_id, variant

),

conversions_aggregated_to_session as (

    select
        session_id,
        variant,
        count(*) as conversion_count,
        cast(sum(commission_cents) as bigint) as commission_cents

    from clicks

    group by session_id, variant

),

joined as (

    select
        sessions.session_id,
        sessions.unit_id,
        searches.variant,
        searches.search_count,
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
        on
            searches.session_id = conversions.session_id
            and searches.variant = conversions.variant

)

select * from joined
