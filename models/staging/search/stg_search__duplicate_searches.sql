-- one row per delivery of a search whose event id was delivered more than once
with

duplicates as (

    {{ duplicate_deliveries(
        ref('raw_search__searches'),
        [
            'event_type', 'timestamp', 'user_id', 'anonymous_id', 'session_id', 'query',
            'results_count', 'page', 'platform', 'device_type', 'geo_country',
            'geo_city', 'utm_source', 'utm_medium', 'utm_campaign', 'filters',
        ]
    ) }}

)

select * from duplicates
