-- one row: how large the world is
create or replace temp table figure as
with

sessions as (

    select
        count(*) as sessions,
        count(distinct user_id) as known_users,
        count(anonymous_id) as anonymous_sessions,
        cast(sum(search_count) as bigint) as searches,
        cast(sum(click_count) as bigint) as clicks,
        cast(sum(conversion_count) as bigint) as bookings,
        cast(sum(booking_value) as double) as booking_value_usd,
        min(session_date) as first_day,
        max(session_date) as last_day

    from marts.search__sessions

)

select * from sessions;

-- one row: what the sentence says
select
    sessions,
    cast(anonymous_sessions as double) / nullif(sessions, 0) as anonymous_share,
    cast(searches as double) / nullif(sessions, 0) as searches_per_session,
    cast(bookings as double) / nullif(clicks, 0) as bookings_per_click
from figure
