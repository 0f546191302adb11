-- one row per user and day from registration, or the window's first day, to its last
with

users as (

    select * from {{ ref('stg_shop__users') }}

),

sessions as (

    select * from {{ ref('shop__sessions') }}

),

exposures as (

    select
        unit_id as user_id,
        cast(first_exposed_at as date) as exposure_date

    from {{ ref('int_shop__exposures') }}

),

sessions_aggregated_to_user_day as (

    select
        user_id,
        session_date,
        count(*) as session_count,
        cast(sum(view_count) as bigint) as view_count,
        cast(sum(scroll_count) as bigint) as scroll_count,
        cast(sum(cart_count) as bigint) as cart_count,
        cast(sum(removal_count) as bigint) as removal_count,
        cast(sum(purchase_count) as bigint) as purchase_count,
        cast(sum(revenue_cents) as bigint) as revenue_cents

    from sessions

    group by user_id, session_date

),

followed as (

    select
        users.user_id,
        cast(users.registration_date as date) as registration_day,
        exposures.exposure_date,
        greatest(
            {{ days_between(
                timestamp_literal(world_start_date('shop')), 'users.registration_date'
            ) }}, 0
        ) as first_day,
        {{ days_between(
            timestamp_literal(world_start_date('shop')),
            timestamp_literal(last_delivered_date('shop'))
        ) }} as last_day

    from users
    left join exposures on users.user_id = exposures.user_id

),

expanded_to_days as (

    select
        user_id,
        registration_day,
        exposure_date,
        {{ unnest_range('first_day', 'last_day + 1') }} as day

    from followed

),

dated as (

    select
        expanded_to_days.*,
        {{ add_days("date '" ~ world_start_date('shop') ~ "'", 'day') }}
            as activity_date

    from expanded_to_days

),

filled as (

    select
        dated.user_id,
        dated.activity_date,
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(sessions.view_count, 0) as view_count,
        coalesce(sessions.scroll_count, 0) as scroll_count,
        coalesce(sessions.cart_count, 0) as cart_count,
        coalesce(sessions.removal_count, 0) as removal_count,
        coalesce(sessions.purchase_count, 0) as purchase_count,
        coalesce(sessions.revenue_cents, 0) as revenue_cents,
        {{ days_between('dated.registration_day', 'dated.activity_date') }}
            as days_since_registration,
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
