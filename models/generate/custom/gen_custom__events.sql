{{ config(materialized='view') }}

-- one row per event of the assigned variant, before dirt
with

outcomes as (

    select * from {{ ref('gen_custom__outcomes') }}

    where is_assigned

),

drawn as (

    select
        *,
        {{ uuid4('session_key', 'custom.sessions.session_id') }} as session_id,
        {{ event_defect_draw('event_key') }} as defect_draw,
        {{ delivery_delay_ms('event_key', 'custom.events.delivery') }} as delay_ms

    from outcomes

),

events as (

    select
        ((cast(user_number as bigint) * 2048 + day_number) * 2048 + session_number) * 4096 + event_number
            as event_id,
        event_key,
        user_id,
        session_id,
        event_name,
        {{- listed(declared_columns('events')) }}
        has_defect,
        defect_draw,
        {{ timestamp_from_ms('event_ms') }} as event_time,
        {{ timestamp_from_ms('event_ms + delay_ms') }} as received_at

    from drawn

)

select * from events
