{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered search as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_search__searches',
        generated=ref('gen_search__search_events'),
        defects=ref('gen_search__search_defects'),
        columns=[
            'event_id',
            'event_type',
            'timestamp',
            'user_id',
            'anonymous_id',
            'session_id',
            'query',
            'results_count',
            'page',
            'platform',
            'device_type',
            'geo_country',
            'geo_city',
            'utm_source',
            'utm_medium',
            'utm_campaign',
            'filters',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ newly_delivered('search') }}

)

select * from delivered
