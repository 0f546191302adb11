-- one row per delivery of a click whose event id was delivered more than once
with

-- read apart from the rows: a CTE that is used twice would be stored whole
event_ids as (

    select event_id from {{ ref('raw_search__clicks') }}

),

events as (

    select * from {{ ref('raw_search__clicks') }}

),

-- few ids repeat: finding them first is far cheaper than a window over all events
repeated_ids as (

    select event_id

    from event_ids

    group by event_id

    having count(*) > 1

),

numbered as (

    select
        events.event_id,
        events.event_type,
        events.timestamp,
        events.user_id,
        events.anonymous_id,
        events.session_id,
        events.search_event_id,
        events.result_id,
        events.result_position,
        events.result_type,
        events.result_price,
        events.result_provider,
        events.result_destination,
        events.received_at,
        -- identical deliveries share a rank; their copy number tells them apart
        rank() over (
            partition by events.event_id
            order by
                events.received_at, events.event_type, events.timestamp,
                events.user_id, events.anonymous_id, events.session_id,
                events.search_event_id, events.result_id, events.result_position,
                events.result_type, events.result_price, events.result_provider,
                events.result_destination
        ) as delivery_number,
        row_number() over (
            partition by
                events.event_id, events.event_type, events.timestamp, events.user_id,
                events.anonymous_id, events.session_id, events.search_event_id,
                events.result_id, events.result_position, events.result_type,
                events.result_price, events.result_provider, events.result_destination
            order by events.received_at
        ) as copy_number

    from events
    inner join repeated_ids on events.event_id = repeated_ids.event_id

)

select * from numbered
