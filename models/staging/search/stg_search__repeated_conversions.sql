-- one row per delivery of a conversion whose event id was delivered more than once
with

-- read apart from the rows: a CTE that is used twice would be stored whole
event_ids as (

    select event_id from {{ ref('raw_search__conversions') }}

),

events as (

    select * from {{ ref('raw_search__conversions') }}

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
        events.click_event_id,
        events.booking_value,
        events.commission,
        events.currency,
        events.product_type,
        events.provider,
        events.received_at,
        -- identical deliveries share a rank; their copy number tells them apart
        rank() over (
            partition by events.event_id
            order by
                events.received_at, events.event_type, events.timestamp,
                events.user_id, events.anonymous_id, events.session_id,
                events.click_event_id, events.booking_value, events.commission,
                events.currency, events.product_type, events.provider
        ) as delivery_number,
        row_number() over (
            partition by
                events.event_id, events.event_type, events.timestamp, events.user_id,
                events.anonymous_id, events.session_id, events.click_event_id,
                events.booking_value, events.commission, events.currency,
                events.product_type, events.provider
            order by events.received_at
        ) as copy_number

    from events
    inner join repeated_ids on events.event_id = repeated_ids.event_id

)

select * from numbered
