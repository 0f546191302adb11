-- one row per user: how many steps the user went without leaving one out
create or replace temp view reached as
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

)

select
    case
        when not first_day then 0
        when not first_week then 1
        when not second_week then 2
        when not third_week then 3
        when not fourth_week then 4
        else 5
    end as step_count
from users;

-- one row per step
create or replace temp view steps as
from (
    values
    (0, 'signed up'),
    (1, 'a session on the first day'),
    (2, 'came back in the first week'),
    (3, 'and in the second'),
    (4, 'and in the third'),
    (5, 'and in the fourth')
) as steps (step_number, step);
