-- one row per session
with

sessions as (

    select * from {{ ref('int_shop__sessions') }}

),

exposures as (

    select
        unit_id as user_id,
        cast(first_exposed_at as date) as exposure_date

    from {{ ref('int_shop__exposures') }}

),

described as (

    select
        sessions.session_id,
        sessions.user_id,
        sessions.view_count,
        sessions.scroll_count,
        sessions.cart_count,
        sessions.removal_count,
        sessions.purchase_count,
        sessions.distinct_item_count,
        sessions.distinct_category_count,
        sessions.revenue_cents,
        sessions.ended_at_ms - sessions.started_at_ms as duration_ms,
        exposures.exposure_date,
        {{ timestamp_from_ms('sessions.started_at_ms') }} as started_at,
        {{ timestamp_from_ms('sessions.ended_at_ms') }} as ended_at

    from sessions
    left join exposures on sessions.user_id = exposures.user_id

),

dated as (

    select
        session_id,
        user_id,
        view_count,
        scroll_count,
        cart_count,
        removal_count,
        purchase_count,
        distinct_item_count,
        distinct_category_count,
        revenue_cents,
        cast(cast(duration_ms as decimal(18, 3)) / 1000 as decimal(12, 3))
            as duration_seconds,
        {{ days_between('exposure_date', 'started_at') }}
            as days_since_exposure,
        purchase_count > 0 as has_purchase,
        cast(started_at as date) as session_date,
        started_at,
        ended_at

    from described

)

select * from dated
