-- one row per session
with

{%- set properties = declared_columns('sessions') | list %}

events as (

    select * from {{ ref('stg_custom__events') }}

),

aggregated_to_session as (

    select
        session_id,
        user_id
        {%- for name in properties %},
        {{ name }}
        {%- endfor %},
        count(*) as event_count,
        {{- counted_events() }}
        min(event_time) as started_at,
        max(event_time) as ended_at

    from events

    group by session_id, user_id{{ ', ' if properties }}{{ properties | join(', ') }}

)

select * from aggregated_to_session
