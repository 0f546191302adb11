-- one row per delivery of an event whose id was delivered more than once
with

duplicates as (

    {{ duplicate_deliveries(
        ref('raw_feed__events'),
        [
            'user_id', 'event_time', 'event_name', 'session_id', 'feature_flag',
            'content_id',
        ]
    ) }}

)

select * from duplicates
