-- one row per delivery of an event whose id was delivered more than once
with

duplicates as (

    {{ duplicate_deliveries(
        ref('raw_custom__events'),
        ['user_id', 'session_id', 'event_name', 'event_time']
        + (declared_columns('events') | list)
    ) }}

)

select * from duplicates
