{{ config(materialized='view') }}

-- one row per event of a session's own, of the assigned variant
with

sessions as (

    select * from {{ ref('gen_learning__session_places') }}

),

-- no join, below which DuckDB would not filter the dirt's draws
expanded_to_own_events as (

    select
        user_number,
        user_id,
        day_number,
        session_number,
        session_key,
        course_number,
        login_second,
        own_watch_hundredths,
        own_score_hundredths,
        payment_cents,
        enrolment_count,
        last_video_place,
        last_quiz_place,
        payment_count,
        further_count,
        place_seconds,
        has_defects,
        is_payment_successful,
        {{ unnest_range(0, 'last_place + 1 - further_count') }} as own_place

    from sessions

),

slotted as (

    select
        *,
        case
            when own_place = 0 then 0
            when own_place <= enrolment_count then 1
            when own_place <= last_video_place then 2
            when own_place <= last_quiz_place then 3
            when own_place <= last_quiz_place + payment_count then 4
            else 5
        end as slot

    from expanded_to_own_events

),

keyed as (

    select
        *,
        {{ fold_in('session_key', 'slot') }} as event_key

    from slotted

),

own_events as (

    select
        user_number,
        user_id,
        day_number,
        session_number * 32 + slot as slot,
        event_key,
        case
            when slot = 0 then 'login'
            when slot = 1 then 'course_enroll'
            when slot = 2 then 'video_watch'
            when slot = 3 then 'quiz_attempt'
            when slot = 4 and is_payment_successful then 'payment_success'
            when slot = 4 then 'payment_failed'
            else 'support_ticket'
        end as event_type,
        case when slot in (0, 4, 5) then -1 else course_number end as course_number,
        case when slot = 2 then own_watch_hundredths end as watch_hundredths,
        case when slot = 3 then own_score_hundredths end as score_hundredths,
        case when slot = 4 then payment_cents end as payment_cents,
        login_second,
        case
            when own_place <= last_quiz_place then own_place
            else own_place + further_count
        end as place,
        place_seconds,
        has_defects

    from keyed

)

select * from own_events
