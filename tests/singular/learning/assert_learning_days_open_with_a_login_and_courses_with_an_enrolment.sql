{{ config(group='generator', tags=['learning']) }}

-- one row per user and day, or user and course, whose first event must not come first.
-- Signals of churn come without a login; the plain forms are not held to it.
with

events as (

    select * from {{ ref('gen_learning__events') }}

    where event_id % 256 not in (12, 14)

),

numbered_in_day as (

    select
        user_id,
        event_type,
        row_number() over (
            partition by user_id, cast(event_time as date) order by event_time, event_id
        ) as place

    from events

),

numbered_in_course as (

    select
        user_id,
        event_type,
        row_number() over (
            partition by user_id, course_id order by event_time, event_id
        ) as place

    from events

    where course_id is not null

),

disordered as (

    select
        user_id,
        event_type

    from numbered_in_day

    where
        place = 1
        and event_type != 'login'
        and {{ setting('learning_order_within_session') }}

    union all

    select
        user_id,
        event_type

    from numbered_in_course

    where
        place = 1
        and event_type != 'course_enroll'
        and {{ setting('learning_order_within_session') }}
        and {{ setting('learning_enrol_first') }}

)

select * from disordered
