-- one row per delivery of a conversion whose event id was delivered more than once
with

duplicates as (

    {{ duplicate_deliveries(
        ref('raw_search__conversions'),
        [
            'event_type', 'timestamp', 'user_id', 'anonymous_id', 'session_id',
            'click_event_id', 'booking_value', 'commission', 'currency', 'product_type',
            'provider',
        ]
    ) }}

)

select * from duplicates
