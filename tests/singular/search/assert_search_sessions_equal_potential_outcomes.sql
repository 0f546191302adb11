{{ config(group='generator', tags=['search']) }}

-- one row per logged session that differs from what was simulated for the arm.
-- Only sessions whose events must all have been delivered by as_of are compared.
with

searches as (

    select * from {{ ref('gen_search__search_outcomes') }}

    where is_assigned and is_logged

),

clicks as (

    select * from {{ ref('gen_search__clicks') }}

    where is_assigned and is_logged

),

sessions as (

    select * from {{ ref('search__sessions') }}

),

searches_aggregated_to_session as (

    select
        session_id,
        count(*) as search_count,
        count(case when click_count > 0 then 1 end) as clicked_search_count,
        sum(click_count) as click_count,
        min(searched_at_ms) as started_at_ms

    from searches

    group by session_id

),

clicks_aggregated_to_session as (

    select
        session_id,
        sum(result_position) as position_sum,
        count(case when is_converted then 1 end) as conversion_count,
        sum(case when is_converted then booking_value_cents else 0 end)
            as booking_value_cents,
        sum(case when is_converted then commission_cents else 0 end)
            as commission_cents

    from clicks

    group by session_id

),

expected as (

    select
        searches.session_id,
        searches.search_count,
        searches.clicked_search_count,
        searches.click_count,
        coalesce(clicks.position_sum, 0) as position_sum,
        coalesce(clicks.conversion_count, 0) as conversion_count,
        coalesce(clicks.booking_value_cents, 0) as booking_value_cents,
        coalesce(clicks.commission_cents, 0) as commission_cents

    from searches_aggregated_to_session as searches
    left join clicks_aggregated_to_session as clicks
        on searches.session_id = clicks.session_id

    where
        searches.started_at_ms
        < {{ epoch_ms_literal(delivered_until('search')) }}
        - ({{ setting('late_max_days') }} + 1) * 86400000

),

different as (

    select
        expected.session_id,
        expected.search_count as expected_search_count,
        sessions.search_count,
        expected.click_count as expected_click_count,
        sessions.click_count,
        expected.booking_value_cents,
        sessions.booking_value

    from expected
    left join sessions on expected.session_id = sessions.session_id

    where
        sessions.session_id is null
        or sessions.search_count != expected.search_count
        or sessions.clicked_search_count != expected.clicked_search_count
        or sessions.click_count != expected.click_count
        or round(coalesce(sessions.average_click_position, 0) * sessions.click_count)
        != expected.position_sum
        or sessions.conversion_count != expected.conversion_count
        or {{ cents('sessions.booking_value') }} != expected.booking_value_cents
        or {{ cents('sessions.commission') }} != expected.commission_cents

)

select * from different
