-- one row per session
with

events as (

    select * from {{ ref('stg_feed__events') }}

),

exposures as (

    select
        cast(unit_id as {{ type_uuid() }}) as user_id,
        cast(first_exposed_at as date) as exposure_date

    from {{ ref('int_feed__exposures') }}

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

),

described as (

    select
        sessions.session_id,
        sessions.user_id,
        sessions.feature_flag,
        sessions.card_view_count,
        sessions.distinct_content_count,
        cast(
            cast(
                {{ epoch_ms('sessions.ended_at') }}
                - {{ epoch_ms('sessions.started_at') }}
                as decimal(18, 3)
            ) / 1000
            as decimal(12, 3)
        ) as duration_seconds,
        {{ days_between('exposures.exposure_date', 'sessions.started_at') }}
            as days_since_exposure,
        sessions.card_view_count = 1 as is_bounce,
        cast(sessions.started_at as date) as session_date,
        sessions.started_at,
        sessions.ended_at

    from aggregated_to_session as sessions
    left join exposures on sessions.user_id = exposures.user_id

)

select * from described
