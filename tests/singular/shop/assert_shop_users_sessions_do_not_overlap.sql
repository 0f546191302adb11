{{ config(tags=['shop']) }}

-- one row per session whose events are not in strict order of time, whose durations
-- overlap, or that begins before the last event of the user's session before it is over
with

events as (

    select
        user_id,
        session_id,
        event_id,
        {{ epoch_ms('timestamp') }} as event_ms,
        cast(duration_seconds * 1000 as bigint) as duration_ms

    from {{ ref('stg_shop__events') }}

),

followed as (

    select
        user_id,
        session_id,
        event_id,
        event_ms,
        event_ms + duration_ms as over_ms,
        lead(event_ms) over (partition by user_id order by event_ms, event_id)
            as next_event_ms,
        lead(session_id) over (partition by user_id order by event_ms, event_id)
            as next_session_id

    from events

),

disordered as (

    select * from followed

    where
        next_event_ms < over_ms
        -- the number of the session is that of its place in time
        or next_session_id < session_id
        and length(next_session_id) = length(session_id)

)

select * from disordered
