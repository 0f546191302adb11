{{ config(tags=['shop']) }}

-- one row per event at which the true sessions and those rebuilt from the pauses
-- differ, unless two true sessions lie closer than the pause. With deliveries
-- outstanding, a session may lack the events that would hold it together.
with

events as (

    select
        user_id,
        session_id,
        rebuilt_session_id,
        event_id,
        {{ epoch_ms('timestamp') }} as event_ms

    from {{ ref('int_shop__events_sessionized') }}

),

preceded as (

    select
        *,
        lag(session_id) over (partition by user_id order by event_ms, event_id)
            as previous_session_id,
        lag(rebuilt_session_id) over (partition by user_id order by event_ms, event_id)
            as previous_rebuilt_session_id,
        event_ms - lag(event_ms) over (
            partition by user_id order by event_ms, event_id
        ) as pause_ms

    from events

),

compared as (

    select
        *,
        session_id != previous_session_id as is_first_of_true,
        rebuilt_session_id != previous_rebuilt_session_id as is_first_of_rebuilt,
        pause_ms < {{ setting('shop_session_gap_minutes') * 60000 }} as is_close

    from preceded

    where previous_session_id is not null

),

unexplained as (

    select * from compared

    where
        {{ 'true' if delivered_until('shop') > world_end_date('shop') else 'false' }}
        and is_first_of_rebuilt != (is_first_of_true and not is_close)

)

select * from unexplained
