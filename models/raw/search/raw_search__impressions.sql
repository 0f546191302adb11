{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered impression as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_search__impressions',
        generated=ref('gen_search__impressions'),
        defects=ref('gen_search__impression_defects'),
        columns=[
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
