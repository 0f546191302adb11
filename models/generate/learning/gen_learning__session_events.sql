{{ config(materialized='view') }}

-- one row per event of a session of the assigned variant
with

sessions as (

    select * from {{ ref('gen_learning__session_places') }}

),

further as (

    select * from {{ ref('gen_learning__further_activities') }}

    where is_assigned

),

expanded_to_events as (

    select
        user_number,
        user_id,
        day_number,
        session_number,
        session_key,
        variant,
        course_number,
        login_second,
        block_seconds,
        own_watch_hundredths,
        own_score_hundredths,
        payment_cents,
        enrolment_count,
        last_video_place,
        last_quiz_place,
        last_further_place,
        payment_count,
        last_place,
        is_payment_successful,
        {{ unnest_range(0, 'last_place + 1') }} as place

    from sessions

),

slotted as (

    select
        *,
        case
            when place = 0 then 0
            when place <= enrolment_count then 1
            when place <= last_video_place then 2
            when place <= last_quiz_place then 3
            when place <= last_further_place then 7 + place - last_quiz_place
            when place <= last_further_place + payment_count then 4
            else 5
        end as slot

    from expanded_to_events

),

-- before the join, so that the second pass for the dirt draws no more than this
keyed as (

    select
        *,
        {{ fold_in('session_key', 'slot') }} as event_key

    from slotted

),

of_sessions as (

    select
        keyed.user_number,
        keyed.user_id,
        keyed.day_number,
        keyed.session_number * 32 + keyed.slot as slot,
        keyed.event_key,
        case
            when keyed.slot = 0 then 'login'
            when keyed.slot = 1 then 'course_enroll'
            when keyed.slot = 2 then 'video_watch'
            when keyed.slot = 3 then 'quiz_attempt'
            when keyed.slot = 4 and keyed.is_payment_successful
                then 'payment_success'
            when keyed.slot = 4 then 'payment_failed'
            when keyed.slot = 5 then 'support_ticket'
            else further.event_type
        end as event_type,
        case when keyed.slot in (0, 4, 5) then -1 else keyed.course_number end
            as course_number,
        case
            when keyed.slot = 2 then keyed.own_watch_hundredths
            else further.watch_hundredths
        end as watch_hundredths,
        case
            when keyed.slot = 3 then keyed.own_score_hundredths
            else further.score_hundredths
        end as score_hundredths,
        case when keyed.slot = 4 then keyed.payment_cents end as payment_cents,
        keyed.login_second,
        keyed.place,
        -- places behind the login share what is left of the session's part of the hour
        {{ integer_quotient(
            '(keyed.block_seconds * 3)', '(4 * greatest(keyed.last_place, 1))'
        ) }} as place_seconds

    from keyed
    left join further
        on
            keyed.user_number = further.user_number
            and keyed.day_number = further.day_number
            and keyed.slot = further.activity_number + 8
            and keyed.session_number = 0

)

select * from of_sessions
