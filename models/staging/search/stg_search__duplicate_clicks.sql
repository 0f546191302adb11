-- one row per delivery of a click whose event id was delivered more than once
with

duplicates as (

    {{ duplicate_deliveries(
        ref('raw_search__clicks'),
        [
            'event_type', 'timestamp', 'user_id', 'anonymous_id', 'session_id',
            'search_event_id', 'result_id', 'result_position', 'result_type',
            'result_price', 'result_provider', 'result_destination',
        ]
    ) }}

)

select * from duplicates
