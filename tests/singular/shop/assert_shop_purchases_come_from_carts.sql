{{ config(tags=['shop']) }}

-- one row per purchase of an item that lies in no cart of its session or of the user's
-- three sessions before, or has been bought or removed since
with

events as (

    select
        user_id,
        session_id,
        item_id,
        event_type,
        event_id,
        timestamp

    from {{ ref('stg_shop__events') }}

),

sessions as (

    select
        user_id,
        session_id,
        row_number() over (partition by user_id order by min(timestamp))
            as session_number

    from events

    group by user_id, session_id

),

numbered as (

    select
        events.user_id,
        events.item_id,
        events.event_type,
        events.event_id,
        events.timestamp,
        sessions.session_number

    from events
    inner join sessions
        on
            events.user_id = sessions.user_id
            and events.session_id = sessions.session_id

    where events.event_type in ('add_to_cart', 'remove_from_cart', 'purchase')

),

preceded as (

    select
        *,
        lag(event_type) over (
            partition by user_id, item_id order by timestamp, event_id
        ) as previous_event_type,
        lag(session_number) over (
            partition by user_id, item_id order by timestamp, event_id
        ) as previous_session_number

    from numbered

),

-- all deliveries are in when no more can come
unfounded as (

    select * from preceded

    where
        {{ 'true' if delivered_until('shop') > world_end_date('shop') else 'false' }}
        and event_type in ('purchase', 'remove_from_cart')
        and (
            previous_event_type is null
            or previous_event_type != 'add_to_cart'
            or session_number - previous_session_number
            > case when event_type = 'purchase' then 3 else 0 end
        )

)

select * from unfounded
