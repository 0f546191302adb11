-- one row per day since the sign-up: the share of users who were active, up to the day
-- that half of the users can have
create or replace temp table figure as
with

days as (

    select
        days_since_signup,
        cast(sum(user_count) as bigint) as amount,
        cast(sum(active_user_count) as bigint) as active_users

    from marts.custom__retention

    group by days_since_signup

)

select
    days_since_signup,
    active_users,
    amount,
    cast(active_users as double) / nullif(amount, 0) as share
from days
where days_since_signup > 0 and 4 * amount > (select max(amount) from days)
order by days_since_signup;

-- one row: what the sentence says
select
    max(share) filter (days_since_signup = 1) as share_1,
    max(share) filter (days_since_signup = 7) as share_7,
    max(share) filter (days_since_signup = 30) as share_30
from figure
