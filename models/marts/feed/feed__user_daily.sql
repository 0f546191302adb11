-- one row per user and day from signup to the last delivered day of the world
with

users as (

    select * from {{ ref('stg_feed__users') }}

),

exposures as (

    select
        cast(unit_id as {{ type_uuid() }}) as user_id,
        cast(first_exposed_at as date) as exposure_date

    from {{ ref('int_feed__exposures') }}

),

sessions as (

    select * from {{ ref('feed__sessions') }}

),

sessions_aggregated_to_user_day as (

    select
        user_id,
        session_date,
        count(*) as session_count,
        cast(sum(card_view_count) as bigint) as card_view_count,
        cast(sum(distinct_content_count) as bigint) as distinct_content_count,
        cast(sum(duration_seconds) as decimal(12, 3)) as active_seconds

    from sessions

    group by user_id, session_date

),

followed as (

    select
        users.user_id,
        users.feature_flag,
        users.segment,
        cast(users.signup_date as date) as signup_date,
        exposures.exposure_date,
        {{ days_between(
            'users.signup_date', timestamp_literal(last_delivered_date('feed'))
        ) }} as last_day

    from users
    left join exposures on users.user_id = exposures.user_id

),

expanded_to_days as (

    select
        user_id,
        feature_flag,
        segment,
        signup_date,
        exposure_date,
        {{ unnest_range(0, 'last_day + 1') }} as days_since_signup

    from followed

),

dated as (

    select
        expanded_to_days.*,
        {{ add_days('signup_date', 'days_since_signup') }} as activity_date

    from expanded_to_days

),

filled as (

    select
        dated.user_id,
        dated.activity_date,
        dated.feature_flag,
        dated.segment,
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(sessions.card_view_count, 0) as card_view_count,
        coalesce(sessions.distinct_content_count, 0) as distinct_content_count,
        cast(coalesce(sessions.active_seconds, 0) as decimal(12, 3)) as active_seconds,
        dated.days_since_signup,
        {{ days_between('dated.exposure_date', 'dated.activity_date') }}
            as days_since_exposure,
        coalesce(sessions.session_count, 0) > 0 as is_active_day

    from dated
    left join sessions_aggregated_to_user_day as sessions
        on
            dated.user_id = sessions.user_id
            and dated.activity_date = sessions.session_date

)

select * from filled
