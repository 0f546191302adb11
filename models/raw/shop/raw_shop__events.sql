{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered event as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_shop__events',
        generated=ref('gen_shop__events'),
        defects=ref('gen_shop__event_defects'),
        columns=[
            'event_id',
            'user_id',
            'session_id',
            'timestamp',
            'event_type',
            'item_id',
            'duration_seconds',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ newly_delivered('shop') }}

)

select * from delivered
