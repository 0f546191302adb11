{{ config(materialized='view') }}

-- one row per event that is a further activity of a day, of the assigned variant
with

first_sessions as (

    select * from {{ ref('gen_learning__session_places') }}

    where session_number = 0

),

further as (

    select * from {{ ref('gen_learning__further_activities') }}

    where is_assigned

),

further_events as (

    select
        first_sessions.user_number,
        first_sessions.user_id,
        first_sessions.day_number,
        further.activity_number + 8 as slot,
        {{ fold_in('first_sessions.session_key', 'further.activity_number + 8') }}
            as event_key,
        further.event_type,
        first_sessions.course_number,
        further.watch_hundredths,
        further.score_hundredths,
        first_sessions.login_second,
        first_sessions.last_quiz_place + 1 + further.activity_number as place,
        first_sessions.place_seconds

    from first_sessions
    inner join further
        on
            first_sessions.user_number = further.user_number
            and first_sessions.day_number = further.day_number

)

select * from further_events
