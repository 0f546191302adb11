{{ config(materialized='view') }}

-- one row per defective raw search: an edit in place, or a row beside a sound one
with

events as (

    select * from {{ ref('gen_search__search_events') }}

    where defect_draw < {{ setting('defect_rate') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_search__searches'

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
                    'events.search_key', 'search.search_defects.resend', 1000, 3600000
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
            when kind in ('impossible_value', 'before_start', 'after_end')
                then {{ uuid4('search_key', 'search.search_defects.event_id') }}
            else event_id
        end as event_id,
        {{ dirty_category('event_type', 'kind') }} as event_type,
        {{ timestamp_from_ms(epoch_ms('timestamp') ~ ' + event_shift_ms') }}
            as timestamp,
        user_id,
        anonymous_id,
        session_id,
        query,
        case when kind = 'impossible_value' then -1 else results_count end
            as results_count,
        page,
        {{ dirty_category('platform', 'kind') }} as platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        filters,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from drawn

)

select * from defective
