-- one row: how large the world is
create or replace temp table figure as
with

users as (

    select
        count(*) as users,
        sum(is_paid) as paying_users

    from staging.stg_learning__users

)
,
days as (

    select
        cast(sum(total_events) as bigint) as events,
        cast(sum(is_active_day) as bigint) as active_days,
        count(*) as user_days,
        min(as_of_date) as first_day,
        max(as_of_date) as last_day

    from marts.learning__user_daily

)

select
    users.users,
    cast(users.paying_users as bigint) as paying_users,
    days.events,
    days.active_days,
    days.user_days,
    days.first_day,
    days.last_day
from users
cross join days;

-- one row: what the sentence says
select
    users,
    cast(paying_users as double) / nullif(users, 0) as paying_share,
    cast(active_days as double) / nullif(user_days, 0) as active_share,
    cast(events as double) / nullif(active_days, 0) as events_per_active_day
from figure
