{{ config(materialized='view') }}

-- one row per defective raw event: an edit in place, or an extra row beside a sound one
with

events as (

    select * from {{ ref('gen_custom__events') }}

    where has_defect

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_custom__events'

),

assigned as (

    select
        events.*,
        kinds.kind,
        kinds.is_extra_row,
        kinds.kind in ('impossible_value', 'unknown_user', 'before_signup', 'after_end')
            as has_fresh_id,
        case kinds.kind
            when 'before_signup'
                then
                    -{{ (
                        setting('custom_days') + declaration()['signups_before_days'] + 1
                    ) * 86400000 }}
            when 'after_end' then {{ (setting('custom_days') + 2) * 86400000 }}
            when 'conflicting_payload' then 1000
            else 0
        end as event_shift_ms,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'events.event_key', 'custom.event_defects.resend', 1000, 3600000
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
                then {{ uuid4('event_key', 'custom.event_defects.user_id') }}
            else user_id
        end as user_id,
        session_id,
        {{ dirty_category(
            "case when kind = 'impossible_value' then 'undefined' else event_name end",
            'kind'
        ) }} as event_name,
        {{- dirty_properties('events') }}
        {{ timestamp_from_ms(epoch_ms('event_time') ~ ' + event_shift_ms') }}
            as event_time,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
