-- one row: how large the world is
create or replace temp table figure as
with

users as (

    select
        count(*) as users,
        cast(min(signup_date) as date) as first_day

    from staging.stg_feed__users

)
,
sessions as (

    select
        count(*) as sessions,
        cast(sum(card_view_count) as bigint) as card_views,
        max(session_date) as last_day

    from marts.feed__sessions

)

select
    users.users,
    sessions.sessions,
    sessions.card_views,
    users.first_day,
    sessions.last_day
from users
cross join sessions;

-- one row: what the sentence says
select
    users,
    cast(sessions as double) / nullif(users, 0) as sessions_per_user,
    cast(card_views as double) / nullif(sessions, 0) as views_per_session
from figure
