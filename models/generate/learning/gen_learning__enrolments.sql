-- one row per user and course whose first session there must be given an enrolment
with

sessions as (

    select
        user_number,
        course_number,
        -- the moment of the session, with its number in the last places
        ((day_number * 86400 + login_second) * 4 + session_number) * 2
        + case when opens_with_enrolment then 1 else 0 end as session_order

    from {{ ref('gen_learning__assigned_sessions') }}

    where
        has_enrolment
        or own_watch_hundredths is not null
        or own_score_hundredths is not null
        or further_count > 0

),

first_sessions as (

    select
        user_number,
        course_number,
        min(session_order) as session_order

    from sessions

    group by user_number, course_number

),

lacking as (

    select
        user_number,
        course_number,
        {{ integer_quotient('session_order', 2) }} as session_order

    from first_sessions

    where {{ setting('learning_enrol_first') }} and session_order % 2 = 0

)

select * from lacking
