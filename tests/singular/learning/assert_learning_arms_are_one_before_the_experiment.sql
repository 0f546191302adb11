{{ config(group='generator', tags=['learning']) }}

-- one row per session before the experiment that differs by arm, and per user whom
-- the reminders make churn
with

users as (

    select * from {{ ref('gen_learning__users') }}

),

sessions as (

    select
        gen_learning__sessions.user_id,
        gen_learning__sessions.day_number,
        gen_learning__sessions.session_number,
        gen_learning__sessions.variant,
        gen_learning__sessions.login_second,
        gen_learning__sessions.watch_hundredths,
        gen_learning__sessions.score_hundredths

    from {{ ref('gen_learning__sessions') }} as gen_learning__sessions
    inner join users on gen_learning__sessions.user_id = users.user_id

    where
        users.is_in_experiment
        and gen_learning__sessions.day_number < {{ learning_experiment_day() }}

),

different as (

    select
        user_id,
        day_number,
        session_number

    from sessions

    group by user_id, day_number, session_number

    having
        count(*) != 2
        or min(login_second) != max(login_second)
        or min(watch_hundredths) != max(watch_hundredths)
        or min(score_hundredths) != max(score_hundredths)

),

harmed as (

    select
        user_id,
        treated_churn_day as day_number,
        -1 as session_number

    from users

    where
        treated_churn_day is not null
        and (churn_day is null or treated_churn_day != churn_day)

),

faults as (

    select * from different

    union all

    select * from harmed

)

select * from faults
