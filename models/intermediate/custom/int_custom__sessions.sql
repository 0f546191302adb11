-- one row per session
with

events as (

    select * from {{ ref('stg_custom__events') }}

),

aggregated_to_session as (

    select
        session_id,
        user_id,
        {{- listed(declared_columns('sessions')) }}
        count(*) as event_count,
        {{- counted_events() }}
        min(event_time) as started_at,
        max(event_time) as ended_at

    from events

    group by {{ (['session_id', 'user_id'] + (declared_columns('sessions') | list)) | join(', ') }}

)

select * from aggregated_to_session
