{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered event as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_learning__events',
        generated=ref('gen_learning__events'),
        defects=ref('gen_learning__event_defects'),
        columns=[
            'event_id',
            'user_id',
            'event_time',
            'event_type',
            'course_id',
            'watch_minutes',
            'quiz_score',
            'amount',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ newly_delivered('learning') }}

)

select * from delivered
