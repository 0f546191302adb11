{{ config(materialized='view') }}

-- one row per defective raw event: an edit in place, or an extra row beside a sound one
with

events as (

    select * from {{ ref('gen_shop__events') }}

    where defect_draw < {{ setting('defect_rate') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_shop__events'

),

assigned as (

    select
        events.*,
        kinds.kind,
        kinds.is_extra_row,
        kinds.kind in ('impossible_value', 'unknown_user', 'before_signup', 'after_end')
            as has_fresh_id,
        -- before any registration, or after the window
        case kinds.kind
            when 'before_signup'
                then -{{
                    (world_days('shop') + setting('shop_history_max_days')) * 86400000
                }}
            when 'after_end' then {{ world_days('shop') * 86400000 }}
            when 'conflicting_payload' then 1000
            else 0
        end as event_shift_ms,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'events.event_key', 'shop.event_defects.resend', 1000, 3600000
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
        case when kind = 'unknown_user' then concat(user_id, '_0') else user_id end
            as user_id,
        session_id,
        {{ timestamp_from_ms(epoch_ms('timestamp') ~ ' + event_shift_ms') }}
            as timestamp,
        {{ dirty_category('event_type', 'kind') }} as event_type,
        case when kind = 'impossible_value' then 'item_-1' else item_id end as item_id,
        cast(
            case when kind = 'impossible_value' then -1 else duration_seconds end
            as decimal(6, 1)
        ) as duration_seconds,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
