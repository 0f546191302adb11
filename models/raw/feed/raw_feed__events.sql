{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered event as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_feed__events',
        generated=ref('gen_feed__events'),
        defects=ref('gen_feed__event_defects'),
        columns=[
            'event_id',
            'user_id',
            'event_time',
            'event_name',
            'session_id',
            'feature_flag',
            'content_id',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ newly_delivered('feed') }}

)

select * from delivered
