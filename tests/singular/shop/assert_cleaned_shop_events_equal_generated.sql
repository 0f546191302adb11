{{ config(group='generator', tags=['shop']) }}

-- one row per user whose staged events are not the generated ones that were delivered.
-- Compared by count and sum of row hashes: a join of four million rows takes twice as
-- long.
with

generated_events as (

    select * from {{ ref('gen_shop__events') }}

    where {{ delivered('shop') }}

),

generated_users as (

    select * from {{ ref('gen_shop__users') }}

    where {{ delivered('shop') }}

),

staged_events as (

    select * from {{ ref('stg_shop__events') }}

),

generated_events_aggregated_to_user as (

    select
        user_id,
        count(*) as event_count,
        sum({{ row_hash([
            'event_id', 'session_id', 'timestamp', 'event_type', 'item_id',
            'duration_seconds', 'received_at'
        ]) }}) as event_hash

    from generated_events

    group by user_id

),

staged_events_aggregated_to_user as (

    select
        user_id,
        count(*) as event_count,
        sum({{ row_hash([
            'event_id', 'session_id', 'timestamp', 'event_type', 'item_id',
            'duration_seconds', 'received_at'
        ]) }}) as event_hash

    from staged_events

    group by user_id

),

-- an event is accepted once its user is known
expected as (

    select
        events.user_id,
        events.event_count,
        events.event_hash

    from generated_events_aggregated_to_user as events
    inner join generated_users on events.user_id = generated_users.user_id

),

compared as (

    select
        coalesce(expected.user_id, staged.user_id) as user_id,
        coalesce(expected.event_count, 0) as generated_event_count,
        coalesce(staged.event_count, 0) as staged_event_count,
        coalesce(expected.event_hash = staged.event_hash, false) as is_equal

    from expected
    full join staged_events_aggregated_to_user as staged
        on expected.user_id = staged.user_id

)

select * from compared

where generated_event_count != staged_event_count or not is_equal
