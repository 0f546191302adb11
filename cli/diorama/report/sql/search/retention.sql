-- one row per day since a known user was first seen: the share of users with a session
-- on it, of those who were followed for so long
create or replace temp table figure as
select
    days_since_first_seen as day,
    count(*) as amount,
    count(*) filter (is_active_day) as active_users,
    cast(count(*) filter (is_active_day) as double) / nullif(count(*), 0) as share
from marts.search__user_daily
where days_since_first_seen between 1 and 365
group by day
having amount >= 20
order by day;

-- one row: what the sentence says
select
    max(share) filter (day = 1) as share_1,
    max(share) filter (day = 7) as share_7,
    max(amount) as users
from figure
