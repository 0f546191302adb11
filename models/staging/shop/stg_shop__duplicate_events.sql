-- one row per delivery of an event whose id was delivered more than once
with

duplicates as (

    {{ duplicate_deliveries(
        ref('raw_shop__events'),
        [
            'user_id', 'session_id', 'timestamp', 'event_type', 'item_id',
            'duration_seconds',
        ]
    ) }}

)

select * from duplicates
