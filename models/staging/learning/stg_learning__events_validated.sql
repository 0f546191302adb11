{{ config(materialized='view') }}

-- one row per delivered event, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('stg_learning__users') }}

),

numbered as (

    {{ numbered_deliveries(
        ref('raw_learning__events'),
        ref('stg_learning__duplicate_events'),
        [
            'user_id', 'event_time', 'event_type', 'course_id', 'watch_minutes',
            'quiz_score', 'amount',
        ]
    ) }}

),

typed as (

    select
        event_id,
        user_id,
        event_type as delivered_event_type,
        {{ clean_category(
            'event_type',
            [
                'login', 'course_enroll', 'video_watch', 'quiz_attempt',
                'payment_success', 'payment_failed', 'support_ticket',
            ]
        ) }} as event_type,
        course_id,
        watch_minutes,
        quiz_score,
        amount,
        delivery_number,
        copy_number,
        raw_fault,
        event_time,
        received_at

    from numbered

),

validated as (

    select
        typed.event_id,
        typed.user_id,
        typed.event_type,
        typed.course_id,
        case
            when typed.raw_fault is not null then typed.raw_fault
            when
                typed.event_id is null
                or typed.user_id is null
                or typed.event_time is null
                or trim(coalesce(typed.delivered_event_type, '')) = ''
                or (
                    typed.event_type in ('payment_success', 'payment_failed')
                    and typed.amount is null
                )
                then 'missing_value'
            when typed.copy_number > 1 then 'exact_duplicate'
            when typed.delivery_number > 1 then 'conflicting_payload'
            when
                typed.event_type is null
                or typed.watch_minutes < 0
                or (typed.watch_minutes > 0 and typed.event_type != 'video_watch')
                or typed.quiz_score not between 0 and 100
                or typed.amount <= 0
                then 'impossible_value'
            when users.user_id is null then 'unknown_user'
            when cast(typed.event_time as date) < users.signup_date then 'before_signup'
            when
                typed.event_time
                < {{ timestamp_literal(world_start_date('learning')) }}
                then 'before_start'
            when typed.event_time >= {{ timestamp_literal(world_end_date('learning')) }}
                then 'after_end'
        end as reject_reason,
        cast(coalesce(typed.watch_minutes, 0) as decimal(6, 2)) as watch_minutes,
        typed.quiz_score,
        typed.amount,
        typed.event_time,
        typed.received_at,
        -- an event is accepted once its user is known as well
        greatest(typed.received_at, users.received_at) as accepted_at

    from typed
    left join users on typed.user_id = users.user_id

)

select * from validated
