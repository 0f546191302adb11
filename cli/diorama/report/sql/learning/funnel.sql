-- one row per step; a user of a step was in all steps before it
create or replace temp table figure as
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

),

reached as (

    select
        case
            when not has_login then 0
            when not has_enrolment then 1
            when not has_video then 2
            when not has_quiz then 3
            when not has_payment then 4
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
        'logged in',
        'enrolled in a course',
        'watched a video',
        'took a quiz',
        'paid'
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
    max(share) filter (step_number = 4) as quiz_share,
    max(share) filter (step_number = 5) as paid_share
from figure
