{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered conversion as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_search__conversions',
        generated=ref('gen_search__conversion_events'),
        defects=ref('gen_search__conversion_defects'),
        columns=[
            'event_id',
            'event_type',
            'timestamp',
            'user_id',
            'anonymous_id',
            'session_id',
            'click_event_id',
            'booking_value',
            'commission',
            'currency',
            'product_type',
            'provider',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ newly_delivered('search') }}

)

select * from delivered
