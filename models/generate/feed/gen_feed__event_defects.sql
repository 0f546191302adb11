{{ config(materialized='view') }}

-- one row per defective raw event: an edit in place, or an extra row beside a sound one
with

events as (

    select * from {{ ref('gen_feed__events') }}

    where has_defects and defect_draw < {{ setting('defect_rate') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_feed__events'

),

assigned as (

    select
        events.*,
        kinds.kind,
        kinds.is_extra_row,
        kinds.kind in ('impossible_value', 'unknown_user', 'before_signup', 'after_end')
            as has_fresh_id,
        case kinds.kind
            when 'before_signup' then -1
            when 'after_end' then 1
            else 0
        end * {{ world_days('feed') * 86400000 }}
        + case when kinds.kind = 'conflicting_payload' then 1000 else 0 end
            as event_shift_ms,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'events.event_key', 'feed.event_defects.resend', 1000, 3600000
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
        event_id + case when has_fresh_id then 2048 else 0 end as event_id,
        case
            when kind = 'unknown_user'
                then {{ uuid4('event_key', 'feed.event_defects.user_id') }}
            else user_id
        end as user_id,
        {{ timestamp_from_ms(epoch_ms('event_time') ~ ' + event_shift_ms') }}
            as event_time,
        {{ dirty_category(
            "case when kind = 'impossible_value' then 'card_view' else event_name end",
            'kind'
        ) }} as event_name,
        session_id,
        {{ dirty_category('feature_flag', 'kind') }} as feature_flag,
        case when kind = 'impossible_value' then 'card_-1' else content_id end
            as content_id,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
