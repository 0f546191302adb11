{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered click as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_search__clicks',
        generated=ref('gen_search__click_events'),
        defects=ref('gen_search__click_defects'),
        columns=[
            'event_id',
            'event_type',
            'timestamp',
            'user_id',
            'anonymous_id',
            'session_id',
            'search_event_id',
            'result_id',
            'result_position',
            'result_type',
            'result_price',
            'result_provider',
            'result_destination',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ newly_delivered('search') }}

)

select * from delivered
