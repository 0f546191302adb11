-- one row per item and day from its creation, or the window's first day, to its last
with

items as (

    select
        item_id,
        category,
        cast(current_price * 100 as bigint) as price_cents,
        greatest(
            {{ days_between(
                timestamp_literal(world_start_date('shop')), 'created_at'
            ) }}, 0
        ) as first_day

    from {{ ref('stg_shop__items') }}

),

events as (

    select * from {{ ref('stg_shop__events') }}

),

events_aggregated_to_item_day as (

    select
        item_id,
        cast(timestamp as date) as activity_date,
        count(case when event_type = 'view' then 1 end) as view_count,
        count(case when event_type = 'add_to_cart' then 1 end) as cart_count,
        count(case when event_type = 'purchase' then 1 end) as purchase_count

    from events

    group by item_id, activity_date

),

expanded_to_days as (

    select
        item_id,
        category,
        price_cents,
        {{ unnest_range(
            'first_day',
            (last_delivered_date('shop') - world_start_date('shop')).days + 1
        ) }} as day

    from items

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
        dated.item_id,
        dated.activity_date,
        dated.category,
        coalesce(events.view_count, 0) as view_count,
        coalesce(events.cart_count, 0) as cart_count,
        coalesce(events.purchase_count, 0) as purchase_count,
        coalesce(events.purchase_count, 0) * dated.price_cents as revenue_cents

    from dated
    left join events_aggregated_to_item_day as events
        on
            dated.item_id = events.item_id
            and dated.activity_date = events.activity_date

)

select * from filled
