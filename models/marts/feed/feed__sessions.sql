-- one row per session
with

sessions as (

    select * from {{ ref('int_feed__sessions') }}

),

exposures as (

    select
        cast(unit_id as {{ type_uuid() }}) as user_id,
        cast(first_exposed_at as date) as exposure_date

    from {{ ref('int_feed__exposures') }}

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

    from sessions
    left join exposures on sessions.user_id = exposures.user_id

)

select * from described
