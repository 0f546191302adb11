{{ config(materialized='view') }}

-- one row per defective raw event: an edit in place, or an extra row beside a sound one
with

events as (

    select * from {{ ref('gen_learning__events') }}

    where has_defects and defect_draw < {{ setting('defect_rate') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_learning__events'

),

assigned as (

    select
        events.*,
        kinds.kind,
        kinds.is_extra_row,
        kinds.kind in (
            'impossible_value', 'missing_value', 'unknown_user', 'before_signup',
            'after_end'
        ) as has_fresh_id,
        case
            when kinds.kind = 'missing_value'
                then {{ integers(
                    'events.event_key', 'learning.event_defects.missing', 0, 4
                ) }}
        end as missing_column,
        -- signups lie at most 30 days, or a third of all days, before the start
        case kinds.kind
            when 'before_signup' then {{ -(2 * setting('learning_days') + 30) }}
            when 'after_end' then {{ setting('learning_days') }}
            else 0
        end * cast(86400000 as bigint)
        + case when kinds.kind = 'conflicting_payload' then 1000 else 0 end
            as event_shift_ms,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'events.event_key', 'learning.event_defects.resend', 1000, 3600000
                ) }}
            else 0
        end as delivery_shift_ms

    from events
    inner join kinds
        on
            events.defect_draw >= kinds.draw_from
            and events.defect_draw < kinds.draw_below

),

defective as (

    select
        case
            when coalesce(missing_column, -1) != 0
                then event_id + case when has_fresh_id then 1 else 0 end
        end as event_id,
        case
            when kind = 'unknown_user' then user_id + 1000000000000
            when coalesce(missing_column, -1) != 1 then user_id
        end as user_id,
        case
            when coalesce(missing_column, -1) != 2
                then {{ timestamp_from_ms(
                    epoch_ms('event_time') ~ ' + event_shift_ms'
                ) }}
        end as event_time,
        case
            when kind = 'impossible_value' then 'video_watch'
            when coalesce(missing_column, -1) != 3
                then {{ dirty_category('event_type', 'kind') }}
        end as event_type,
        course_id,
        case
            when kind = 'impossible_value' then cast(-5 as decimal(6, 2))
            else watch_minutes
        end as watch_minutes,
        quiz_score,
        amount,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
