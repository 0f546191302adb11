-- one row per segment, arm and day since signup: the share of users with a session on
-- it, for the days for which every user has been followed
create or replace temp table figure as
with

users as (

    select
        user_id,
        max(days_since_signup) as last_day

    from marts.feed__user_daily

    group by user_id

),

followed as (

    select least(min(last_day), 365) as last_day

    from users

),

days as (

    select
        segment,
        feature_flag as arm,
        days_since_signup,
        count(*) as amount,
        count(*) filter (is_active_day) as active_users

    from marts.feed__user_daily

    group by segment, arm, days_since_signup

)

select
    days.segment,
    days.arm,
    days.days_since_signup,
    days.active_users,
    days.amount,
    cast(days.active_users as double) / nullif(days.amount, 0) as share
from days
inner join followed on days.days_since_signup <= followed.last_day
order by
    list_position(['new', 'returning', 'power'], days.segment),
    days.arm = 'control' desc,
    days.days_since_signup;

-- one row: what the sentence says
select
    least(max(days_since_signup), 7) as day,
    cast(sum(active_users) filter (days_since_signup = 7) as double)
    / nullif(sum(amount) filter (days_since_signup = 7), 0) as share_7,
    cast(sum(active_users) filter (days_since_signup = 14) as double)
    / nullif(sum(amount) filter (days_since_signup = 14), 0) as share_14,
    max(share) filter (segment = 'new' and arm = 'control' and days_since_signup = 7)
        as new_control_7,
    max(share) filter (segment = 'new' and arm != 'control' and days_since_signup = 7)
        as new_treated_7
from figure
