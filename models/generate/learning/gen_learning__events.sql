{{ config(materialized='view') }}

-- one row per event of the assigned variant, before dirt
with

session_events as (

    select * from {{ ref('gen_learning__session_events') }}

),

further_events as (

    select * from {{ ref('gen_learning__further_events') }}

),

signals as (

    select * from {{ ref('gen_learning__churn_warnings') }}

    where is_assigned

),

courses as (

    select * from {{ ref('learning_courses') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

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
        place_seconds,
        has_defects

    from session_events

    union all

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
        null as payment_cents,
        login_second,
        place,
        place_seconds,
        true as has_defects

    from further_events

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
        1 as place_seconds,
        true as has_defects

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
        {{ learning_defect_draw('together.event_key') }} as defect_draw,
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
        dated.has_defects,
        dated.defect_draw,
        {{ timestamp_from_ms('dated.event_ms') }} as event_time,
        {{ timestamp_from_ms('dated.event_ms + dated.delay_ms') }} as received_at

    from dated
    left join courses on dated.course_number = courses.course_number

)

select * from events
