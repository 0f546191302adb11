-- one row per cohort (month of the first session) and week since the first session: the
-- share of users with a session in it, of those who were followed to its end
create or replace temp table figure as
with

users as (

    select
        user_id,
        min(session_date) as first_date,
        cast(date_trunc('month', min(session_date)) as date) as cohort_month

    from marts.shop__sessions

    group by user_id

),

ends as (

    select max(session_date) as last_date

    from marts.shop__sessions

),

followed as (

    select
        users.cohort_month,
        weeks.week,
        count(*) as amount

    from users
    cross join ends
    cross join range(0, 52) as weeks (week)

    where users.first_date + cast(7 * weeks.week + 6 as integer) <= ends.last_date

    group by users.cohort_month, weeks.week

),

active as (

    select
        users.cohort_month,
        date_diff('day', users.first_date, sessions.session_date) // 7 as week,
        count(distinct sessions.user_id) as active_users

    from marts.shop__sessions as sessions
    inner join users on sessions.user_id = users.user_id
    cross join ends

    where
        users.first_date
        + cast(
            date_diff('day', users.first_date, sessions.session_date) // 7 * 7 + 6
            as integer
        )
        <= ends.last_date

    group by users.cohort_month, week

)

select
    strftime(followed.cohort_month, '%B %Y') as cohort,
    followed.week,
    followed.amount,
    coalesce(active.active_users, 0) as active_users,
    cast(coalesce(active.active_users, 0) as double)
    / nullif(followed.amount, 0) as share
from followed
left join active
    on followed.cohort_month = active.cohort_month and followed.week = active.week
where followed.amount >= 20
order by followed.cohort_month, followed.week;

-- one row: what the sentence says
select
    cast(sum(active_users) filter (week = 1) as double)
    / nullif(sum(amount) filter (week = 1), 0) as share_1,
    cast(sum(active_users) filter (week = 4) as double)
    / nullif(sum(amount) filter (week = 4), 0) as share_4,
    count(distinct cohort) as cohorts
from figure
