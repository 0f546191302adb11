-- one row per session
with

events as (

    select * from {{ ref('stg_feed__events') }}

),

aggregated_to_session_and_content as (

    select
        session_id,
        user_id,
        feature_flag,
        content_id,
        count(content_id) as card_view_count,
        min(event_time) as started_at,
        max(event_time) as ended_at

    from events

    group by session_id, user_id, feature_flag, content_id

),

aggregated_to_session as (

    select
        session_id,
        user_id,
        feature_flag,
        cast(sum(card_view_count) as bigint) as card_view_count,
        count(content_id) as distinct_content_count,
        min(started_at) as started_at,
        max(ended_at) as ended_at

    from aggregated_to_session_and_content

    group by session_id, user_id, feature_flag

)

select * from aggregated_to_session
