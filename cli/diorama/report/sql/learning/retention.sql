-- one row per plan, week of the world and measure: shares of the users who had signed
-- up
create or replace temp table figure as
with

days as (

    select
        user_id,
        plan,
        date_diff('day', min(as_of_date) over (), as_of_date) // 7 as week,
        signup_date <= as_of_date as is_signed_up,
        is_active_day

    from marts.learning__user_daily

),

user_weeks as (

    select
        user_id,
        plan,
        week,
        max(is_active_day) as is_active,
        count(*) as day_count

    from days

    where is_signed_up

    group by user_id, plan, week

),

lives as (

    select
        user_id,
        max(week) filter (is_active = 1) as last_week

    from user_weeks

    group by user_id

),

weeks as (

    select
        user_weeks.plan,
        user_weeks.week,
        count(*) as amount,
        cast(sum(user_weeks.is_active) as bigint) as active,
        count(*) filter (lives.last_week >= user_weeks.week) as active_or_later

    from user_weeks
    inner join lives on user_weeks.user_id = lives.user_id

    group by user_weeks.plan, user_weeks.week

),

measures as (

    select
        plan,
        week,
        amount,
        'active in the week' as measure,
        active as users

    from weeks

    union all

    select
        plan,
        week,
        amount,
        'active in it or later' as measure,
        active_or_later as users

    from weeks

)

select
    plan,
    week,
    measure,
    amount,
    cast(users as double) / nullif(amount, 0) as share
from measures
order by plan, measure, week;

-- one row: what the sentence says
with

numbered as (

    select
        *,
        max(week) over () as last_week

    from figure

)

select
    max(last_week) + 1 as weeks,
    max(share) filter (week = 0 and measure = 'active in the week' and plan = 'free')
        as free_first,
    max(share) filter (week = 0 and measure = 'active in the week' and plan = 'paid')
        as paid_first,
    max(share) filter (
        week = last_week - 1 and measure = 'active in the week' and plan = 'free'
    ) as free_last,
    max(share) filter (
        week = last_week - 1 and measure = 'active in the week' and plan = 'paid'
    ) as paid_last
from numbered
