{{ config(materialized='view') }}

-- one row per event of the assigned variant, before dirt
with

sessions as (

    select * from {{ ref('gen_learning__sessions') }}

    where is_assigned

),

further as (

    select * from {{ ref('gen_learning__further_activities') }}

    where is_assigned

),

signals as (

    select * from {{ ref('gen_learning__signals') }}

    where is_assigned

),

enrolments as (

    select * from {{ ref('gen_learning__enrolments') }}

),

courses as (

    select * from {{ ref('learning_courses') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

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
        case when sessions.has_ticket then 1 else 0 end as ticket_count

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
            as last_further_place,
        enrolment_count + own_video_count + own_quiz_count + further_count
        + payment_count + ticket_count as last_place

    from placed

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

    from measured

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

of_sessions as (

    select
        slotted.user_number,
        slotted.user_id,
        slotted.day_number,
        slotted.session_number * 32 + slotted.slot as slot,
        {{ fold_in('slotted.session_key', 'slotted.slot') }} as event_key,
        case
            when slotted.slot = 0 then 'login'
            when slotted.slot = 1 then 'course_enroll'
            when slotted.slot = 2 then 'video_watch'
            when slotted.slot = 3 then 'quiz_attempt'
            when slotted.slot = 4 and slotted.is_payment_successful
                then 'payment_success'
            when slotted.slot = 4 then 'payment_failed'
            when slotted.slot = 5 then 'support_ticket'
            else further.event_type
        end as event_type,
        case when slotted.slot in (0, 4, 5) then -1 else slotted.course_number end
            as course_number,
        case
            when slotted.slot = 2 then slotted.own_watch_hundredths
            else further.watch_hundredths
        end as watch_hundredths,
        case
            when slotted.slot = 3 then slotted.own_score_hundredths
            else further.score_hundredths
        end as score_hundredths,
        case when slotted.slot = 4 then slotted.payment_cents end as payment_cents,
        slotted.login_second,
        slotted.place,
        -- places behind the login share what is left of the session's part of the hour
        {{ integer_quotient(
            '(slotted.block_seconds * 3)', '(4 * greatest(slotted.last_place, 1))'
        ) }} as place_seconds

    from slotted
    left join further
        on
            slotted.user_number = further.user_number
            and slotted.day_number = further.day_number
            and slotted.slot = further.activity_number + 8
            and slotted.session_number = 0

),

together as (

    select
        user_number,
        user_id,
        day_number,
        slot,
        event_key,
        event_type,
        course_number,
        watch_hundredths,
        score_hundredths,
        payment_cents,
        login_second,
        place,
        place_seconds

    from of_sessions

    union all

    select
        user_number,
        user_id,
        day_number,
        slot,
        {{ fold_in('signal_key', 'slot') }} as event_key,
        event_type,
        -1 as course_number,
        null as watch_hundredths,
        null as score_hundredths,
        payment_cents,
        null as login_second,
        0 as place,
        1 as place_seconds

    from signals

),

timed as (

    select
        together.*,
        {{ uniform('together.event_key', 'learning.events.time') }} as time_draw,
        {{ uniform('together.event_key', 'learning.events.plain_minute') }}
            as plain_minute_draw,
        {{ delivery_delay_ms('together.event_key', 'learning.events.delivery') }}
            as delay_ms,
        {{ uniform('together.event_key', 'learning.events.defect') }} as defect_draw,
        profile.plain_hour_from,
        profile.plain_hour_to,
        {{ setting('learning_order_within_session') }}
        and together.login_second is not null as is_ordered

    from together
    cross join profile

),

seconded as (

    select
        *,
        case
            when is_ordered and place = 0 then login_second
            when is_ordered
                then
                    login_second + 1 + (place - 1) * place_seconds
                    + cast(floor(time_draw * place_seconds) as bigint)
            else 60 * cast(
                floor(
                    60 * (
                        plain_hour_from
                        + plain_minute_draw * (plain_hour_to - plain_hour_from)
                    )
                ) as bigint
            )
        end as second_of_day

    from timed

),

dated as (

    select
        *,
        {{ epoch_ms_literal(world_start_date('learning')) }}
        + (day_number * 86400 + second_of_day) * 1000 as event_ms

    from seconded

),

events as (

    select
        {{ pack_timed_event_id(
            'dated.user_number', 'dated.day_number', 'dated.second_of_day', 'dated.slot'
        ) }} as event_id,
        dated.event_key,
        dated.user_id,
        dated.event_type,
        courses.course_id,
        {{ scaled_decimal('dated.watch_hundredths', 2, 'decimal(6, 2)') }}
            as watch_minutes,
        {{ scaled_decimal('dated.score_hundredths', 2, 'decimal(5, 2)') }}
            as quiz_score,
        {{ scaled_decimal('dated.payment_cents', 2, 'decimal(12, 2)') }} as amount,
        dated.defect_draw,
        {{ timestamp_from_ms('dated.event_ms') }} as event_time,
        {{ timestamp_from_ms('dated.event_ms + dated.delay_ms') }} as received_at

    from dated
    left join courses on dated.course_number = courses.course_number

)

select * from events
