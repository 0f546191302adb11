{{ config(materialized='view') }}

-- one row per session of the assigned variant: how many events it has, and their places
with

sessions as (

    select * from {{ ref('gen_learning__assigned_sessions') }}

),

enrolments as (

    select * from {{ ref('gen_learning__enrolments') }}

),

-- places in a session: login 0, then enrolment, video, quiz, further, payment, ticket
placed as (

    select
        sessions.*,
        case
            when
                sessions.has_enrolment or enrolments.user_number is not null
                then 1
            else 0
        end as enrolment_count,
        case when sessions.own_watch_hundredths is null then 0 else 1 end
            as own_video_count,
        case when sessions.own_score_hundredths is null then 0 else 1 end
            as own_quiz_count,
        case when sessions.payment_cents is null then 0 else 1 end as payment_count,
        case when sessions.has_ticket then 1 else 0 end as ticket_count,
        {{ learning_session_has_defects('sessions.session_key') }} as has_defects

    from sessions
    left join enrolments
        on
            sessions.user_number = enrolments.user_number
            and sessions.course_number = enrolments.course_number
            and (sessions.day_number * 86400 + sessions.login_second) * 4
            + sessions.session_number = enrolments.session_order

),

measured as (

    select
        *,
        enrolment_count + own_video_count as last_video_place,
        enrolment_count + own_video_count + own_quiz_count as last_quiz_place,
        enrolment_count + own_video_count + own_quiz_count + further_count
        + payment_count + ticket_count as last_place

    from placed

),

-- places behind the login share what is left of the session's part of the hour
spaced as (

    select
        *,
        {{ integer_quotient(
            '(block_seconds * 3)', '(4 * greatest(last_place, 1))'
        ) }} as place_seconds

    from measured

)

select
    user_number,
    user_number + 1 as user_id,
    day_number,
    session_number,
    session_key,
    course_number,
    login_second,
    own_watch_hundredths,
    own_score_hundredths,
    payment_cents,
    further_count,
    enrolment_count,
    last_video_place,
    last_quiz_place,
    payment_count,
    last_place,
    place_seconds,
    has_defects,
    is_payment_successful

from spaced
