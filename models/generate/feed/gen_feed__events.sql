{{ config(materialized='view') }}

-- one row per event of the assigned variant, before dirt
with

sessions as (

    select * from {{ ref('gen_feed__sessions') }}

    where is_assigned

),

cards as (

    select * from {{ ref('gen_feed__content_aliases') }}

),

identified as (

    select
        sessions.*,
        {{ uuid4('sessions.session_key', 'feed.sessions.session_id') }} as session_id,
        {{ first_defect('sessions.session_key', 'feed.sessions.first_defect') }}
            as first_defect

    from sessions

),

-- event 0 is the start, the last one the end, the one before it the last view
expanded_to_events as (

    select
        user_number,
        day_since_exposure,
        session_key,
        user_id,
        session_id,
        variant,
        started_at_ms,
        last_view_ms,
        length_ms,
        card_view_count,
        first_defect,
        first_defect < card_view_count + 2 as has_defects,
        {{ unnest_range(0, 'card_view_count + 2') }} as event_number

    from identified

),

keyed as (

    select
        expanded_to_events.*,
        {{ fold_in('session_key', 'event_number') }} as event_key

    from expanded_to_events

),

drawn as (

    select
        *,
        case
            when event_number = 0 then 'session_start'
            when event_number <= card_view_count then 'card_view'
            else 'session_end'
        end as event_name,
        started_at_ms + case
            when event_number = 0 then 0
            when event_number < card_view_count
                then {{ integers(
                    'event_key', 'feed.events.view_time', 60000, 'last_view_ms'
                ) }}
            when event_number = card_view_count then last_view_ms
            else length_ms
        end as event_ms,
        case
            when event_number between 1 and card_view_count
                then {{ feed_content_position('event_key') }}
        end as content_position,
        {{ delivery_delay_ms('event_key', 'feed.events.delivery') }} as delay_ms,
        {{ defect_draw(
            'event_key', 'feed.events.defect', 'event_number', 'first_defect'
        ) }} as defect_draw

    from keyed

),

events as (

    select
        {{ pack_event_id(
            'drawn.user_number', 'drawn.day_since_exposure', 0, 'drawn.event_number'
        ) }} as event_id,
        drawn.event_key,
        drawn.user_id,
        drawn.event_name,
        drawn.session_id,
        drawn.variant as feature_flag,
        case
            when drawn.content_position - cards.bucket < cards.own_share
                then cards.content_id
            else cards.alias_content_id
        end as content_id,
        drawn.has_defects,
        drawn.defect_draw,
        {{ timestamp_from_ms('drawn.event_ms') }} as event_time,
        {{ timestamp_from_ms('drawn.event_ms + drawn.delay_ms') }} as received_at

    from drawn
    left join cards on cast(floor(drawn.content_position) as bigint) = cards.bucket

)

select * from events
