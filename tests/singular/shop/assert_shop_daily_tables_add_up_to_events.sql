{{ config(tags=['shop']) }}

-- one row per daily table and count that differs from the number of events
with

events_counted as (

    select
        count(case when event_type = 'view' then 1 end) as view_count,
        count(case when event_type = 'add_to_cart' then 1 end) as cart_count,
        count(case when event_type = 'purchase' then 1 end) as purchase_count

    from {{ ref('stg_shop__events') }}

),

daily as (

    select
        'shop__user_daily' as mart,
        sum(view_count) as view_count,
        sum(cart_count) as cart_count,
        sum(purchase_count) as purchase_count

    from {{ ref('shop__user_daily') }}

    union all

    select
        'shop__items_daily' as mart,
        sum(view_count) as view_count,
        sum(cart_count) as cart_count,
        sum(purchase_count) as purchase_count

    from {{ ref('shop__items_daily') }}

    union all

    select
        'shop__funnel_daily' as mart,
        sum(view_count) as view_count,
        sum(cart_count) as cart_count,
        sum(purchase_count) as purchase_count

    from {{ ref('shop__funnel_daily') }}

),

compared as (

    select
        daily.mart,
        coalesce(daily.view_count, 0) - events_counted.view_count as view_surplus,
        coalesce(daily.cart_count, 0) - events_counted.cart_count as cart_surplus,
        coalesce(daily.purchase_count, 0) - events_counted.purchase_count
            as purchase_surplus

    from daily
    cross join events_counted

)

select * from compared

where view_surplus != 0 or cart_surplus != 0 or purchase_surplus != 0
