-- one row per session
with

events as (

    select * from {{ ref('stg_feed__events') }}

),

aggregated_to_session as (

    select
        session_id,
        user_id,
        feature_flag,
        count(content_id) as card_view_count,
        {{ distinct_count('content_id') }} as distinct_content_count,
        min(event_time) as started_at,
        max(event_time) as ended_at

    from events

    group by session_id, user_id, feature_flag

)

select * from aggregated_to_session
