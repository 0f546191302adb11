-- one row per item: what happened to it on the days that are for training
with

items as (

    select * from {{ ref('stg_shop__items') }}

),

events as (

    select * from {{ ref('stg_shop__events') }}

    where
        {{ epoch_ms('timestamp') }}
        < {{ epoch_ms_of_day('shop', shop_split_days()[0]) }}

),

events_aggregated_to_item as (

    select
        item_id,
        count(case when event_type = 'view' then 1 end) as view_count,
        count(case when event_type = 'add_to_cart' then 1 end) as cart_count,
        count(case when event_type = 'purchase' then 1 end) as purchase_count

    from events

    group by item_id

),

filled as (

    select
        items.item_id,
        coalesce(events.view_count, 0) as view_count,
        coalesce(events.cart_count, 0) as cart_count,
        coalesce(events.purchase_count, 0) as purchase_count

    from items
    left join events_aggregated_to_item as events on items.item_id = events.item_id

)

select
    item_id,
    view_count,
    cart_count,
    purchase_count,
    max(view_count) over () as most_view_count

from filled
