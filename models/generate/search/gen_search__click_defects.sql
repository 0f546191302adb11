{{ config(materialized='view') }}

-- one row per defective raw click: an edit in place, or a row beside a sound one
with

events as (

    select * from {{ ref('gen_search__click_events') }}

    where defect_draw < {{ setting('defect_rate') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_search__clicks'

),

drawn as (

    select
        events.*,
        kinds.kind,
        kinds.is_extra_row,
        case kinds.kind
            when 'before_start' then -{{ (world_days('search') + 1) * 86400000 }}
            when 'after_end' then {{ (world_days('search') + 1) * 86400000 }}
            when 'conflicting_payload' then 1000
            else 0
        end as event_shift_ms,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'events.click_key', 'search.click_defects.resend', 1000, 3600000
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
            when
                kind in (
                    'impossible_value', 'unknown_parent', 'before_start', 'after_end'
                )
                then {{ uuid4('click_key', 'search.click_defects.event_id') }}
            else event_id
        end as event_id,
        {{ dirty_category('event_type', 'kind') }} as event_type,
        {{ timestamp_from_ms(epoch_ms('timestamp') ~ ' + event_shift_ms') }}
            as timestamp,
        user_id,
        anonymous_id,
        session_id,
        case
            when kind = 'unknown_parent'
                then {{ uuid4('click_key', 'search.click_defects.search_event_id') }}
            else search_event_id
        end as search_event_id,
        result_id,
        case when kind = 'impossible_value' then 0 else result_position end
            as result_position,
        {{ dirty_category('result_type', 'kind') }} as result_type,
        result_price,
        result_provider,
        result_destination,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from drawn

)

select * from defective
