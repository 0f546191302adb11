-- one row: how large the world is
create or replace temp table figure as
with

users as (

    select
        count(*) as users,
        cast(min(signup_date) as date) as first_signup

    from staging.stg_custom__users

),

sessions as (

    select
        count(*) as sessions,
        cast(sum(event_count) as bigint) as events,
        min(session_date) as first_day,
        max(session_date) as last_day

    from marts.custom__sessions

)

select
    users.users,
    sessions.sessions,
    sessions.events,
    users.first_signup,
    sessions.first_day,
    sessions.last_day
from users
cross join sessions;

-- one row: what the sentence says
select
    users,
    cast(sessions as double) / nullif(users, 0) as sessions_per_user,
    cast(events as double) / nullif(sessions, 0) as events_per_session
from figure
