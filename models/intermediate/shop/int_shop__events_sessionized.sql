-- one row per event, with the sessions that the pauses alone would tell
with

events as (

    select * from {{ ref('stg_shop__events') }}

),

preceded as (

    select
        *,
        {{ epoch_ms('timestamp') }} - lag({{ epoch_ms('timestamp') }}) over (
            partition by user_id order by timestamp, event_id
        ) as pause_ms,
        lag(event_type) over (
            partition by user_id order by timestamp, event_id
        ) as previous_event_type

    from events

),

cut as (

    select
        *,
        case
            when pause_ms < {{ setting('shop_session_gap_minutes') * 60000 }} then 0
            else 1
        end as is_first_of_session,
        case
            when
                pause_ms < {{ setting('shop_session_gap_minutes') * 60000 }}
                and previous_event_type not in ('add_to_cart', 'purchase')
                then 0
            else 1
        end as is_first_of_intent

    from preceded

),

numbered as (

    select
        *,
        cast(
            sum(is_first_of_session) over (
                partition by user_id order by timestamp, event_id
                rows unbounded preceding
            ) as bigint
        ) as rebuilt_session_number,
        cast(
            sum(is_first_of_intent) over (
                partition by user_id order by timestamp, event_id
                rows unbounded preceding
            ) as bigint
        ) as intent_number

    from cut

),

named as (

    select
        event_id,
        user_id,
        session_id,
        concat(user_id, {{ numbered_id('_rebuilt_', 'rebuilt_session_number', 4) }})
            as rebuilt_session_id,
        concat(user_id, {{ numbered_id('_intent_', 'intent_number', 4) }})
            as intent_session_id,
        event_type,
        item_id,
        duration_seconds,
        timestamp,
        received_at

    from numbered

)

select * from named
