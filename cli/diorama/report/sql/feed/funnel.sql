-- one row per step; a user of a step was in all steps before it
create or replace temp table figure as
with

users as (

    select
        user_id,
        bool_or(is_active_day and days_since_signup = 0) as first_day,
        bool_or(is_active_day and days_since_signup between 1 and 6) as first_week,
        bool_or(is_active_day and days_since_signup between 7 and 13) as second_week,
        bool_or(is_active_day and days_since_signup between 14 and 20) as third_week,
        bool_or(is_active_day and days_since_signup between 21 and 27) as fourth_week

    from marts.feed__user_daily

    group by user_id

),

reached as (

    select
        case
            when not first_day then 0
            when not first_week then 1
            when not second_week then 2
            when not third_week then 3
            when not fourth_week then 4
            else 5
        end as steps

    from users

),

counted as (

    select
        numbers.step_number,
        count(*) filter (reached.steps >= numbers.step_number) as amount

    from reached
    cross join range(0, 6) as numbers (step_number)

    group by numbers.step_number

)

select
    step_number,
    [
        'signed up',
        'a session on the first day',
        'came back in the first week',
        'and in the second',
        'and in the third',
        'and in the fourth'
    ][step_number + 1] as step,
    amount,
    cast(amount as double) / nullif(max(amount) over (), 0) as share,
    cast(amount as double) / nullif(lag(amount) over (order by step_number), 0)
        as share_of_previous
from counted
order by step_number;

-- one row: what the sentence says
select
    max(amount) filter (step_number = 0) as users,
    max(share) filter (step_number = 2) as first_week_share,
    max(share) filter (step_number = 5) as fourth_week_share
from figure
