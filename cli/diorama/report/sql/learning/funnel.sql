-- one row per user: how many steps the user went without leaving one out
create or replace temp view reached as
with

users as (

    select
        user_id,
        sum(logins_count) > 0 as has_login,
        sum(enroll_count) > 0 as has_enrolment,
        sum(watch_minutes_sum) > 0 as has_video,
        sum(quiz_attempts_count) > 0 as has_quiz,
        sum(payment_success_count) > 0 as has_payment

    from marts.learning__user_daily

    group by user_id

)

select
    case
        when not has_login then 0
        when not has_enrolment then 1
        when not has_video then 2
        when not has_quiz then 3
        when not has_payment then 4
        else 5
    end as step_count
from users;

-- one row per step
create or replace temp view steps as
from (
    values
    (0, 'signed up'),
    (1, 'logged in'),
    (2, 'enrolled in a course'),
    (3, 'watched a video'),
    (4, 'took a quiz'),
    (5, 'paid')
) as steps (step_number, step);
