-- one row per day of the window: how far its sessions came
with

sessions as (

    select * from {{ ref('shop__sessions') }}

),

days as (

    select
        {{ add_days("date '" ~ world_start_date('shop') ~ "'", 'day') }} as session_date

    from {{ series(
        0, (last_delivered_date('shop') - world_start_date('shop')).days + 1, 'day'
    ) }} as days

),

aggregated_to_day as (

    select
        session_date,
        count(*) as session_count,
        count(case when view_count > 0 then 1 end) as session_with_view_count,
        count(case when scroll_count > 0 then 1 end) as session_with_scroll_count,
        count(case when cart_count > 0 then 1 end) as session_with_cart_count,
        count(case when has_purchase then 1 end) as session_with_purchase_count,
        cast(sum(view_count) as bigint) as view_count,
        cast(sum(scroll_count) as bigint) as scroll_count,
        cast(sum(cart_count) as bigint) as cart_count,
        cast(sum(removal_count) as bigint) as removal_count,
        cast(sum(purchase_count) as bigint) as purchase_count,
        cast(sum(revenue_cents) as bigint) as revenue_cents

    from sessions

    group by session_date

),

filled as (

    select
        days.session_date,
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(sessions.session_with_view_count, 0) as session_with_view_count,
        coalesce(sessions.session_with_scroll_count, 0) as session_with_scroll_count,
        coalesce(sessions.session_with_cart_count, 0) as session_with_cart_count,
        coalesce(sessions.session_with_purchase_count, 0)
            as session_with_purchase_count,
        coalesce(sessions.view_count, 0) as view_count,
        coalesce(sessions.scroll_count, 0) as scroll_count,
        coalesce(sessions.cart_count, 0) as cart_count,
        coalesce(sessions.removal_count, 0) as removal_count,
        coalesce(sessions.purchase_count, 0) as purchase_count,
        coalesce(sessions.revenue_cents, 0) as revenue_cents,
        cast(sessions.session_with_scroll_count as double) / sessions.session_count
            as scroll_rate,
        cast(sessions.session_with_cart_count as double) / sessions.session_count
            as cart_rate,
        cast(sessions.session_with_purchase_count as double) / sessions.session_count
            as purchase_rate

    from days
    left join aggregated_to_day as sessions on days.session_date = sessions.session_date

)

select * from filled
