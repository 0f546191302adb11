{{ config(materialized='incremental', incremental_strategy='append') }}

-- one row per delivered event as a tracker sends it, defects included
with

tracked as (

    {{ with_defects(
        'raw_custom__events',
        generated=ref('gen_custom__events'),
        defects=ref('gen_custom__event_defects'),
        columns=(
            ['event_id', 'user_id', 'session_id', 'event_name', 'event_time']
            + (declared_columns('events') | list)
            + ['received_at']
        )
    ) }}

),

delivered as (

    select * from tracked

    where {{ newly_delivered('custom') }}

)

select * from delivered
