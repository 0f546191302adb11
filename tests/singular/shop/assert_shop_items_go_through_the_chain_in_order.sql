{{ config(tags=['shop']) }}

-- one row per session and item whose events are not a chain: viewed at most once,
-- scrolled after that, carted after both (scrolled, unless nothing of the session was),
-- and bought or removed after that.
with

events as (

    select
        user_id,
        session_id,
        item_id,
        event_type,
        timestamp

    from {{ ref('stg_shop__events') }}

),

aggregated_to_item as (

    select
        user_id,
        session_id,
        item_id,
        count(case when event_type = 'view' then 1 end) as view_count,
        count(case when event_type = 'scroll' then 1 end) as scroll_count,
        count(case when event_type = 'add_to_cart' then 1 end) as cart_count,
        count(case when event_type = 'remove_from_cart' then 1 end) as removal_count,
        count(case when event_type = 'purchase' then 1 end) as purchase_count,
        max(case when event_type = 'view' then timestamp end) as viewed_at,
        max(case when event_type = 'scroll' then timestamp end) as scrolled_at,
        max(case when event_type = 'add_to_cart' then timestamp end) as carted_at,
        max(case when event_type = 'remove_from_cart' then timestamp end) as removed_at,
        max(case when event_type = 'purchase' then timestamp end) as purchased_at

    from events

    group by user_id, session_id, item_id

),

described as (

    select
        *,
        sum(scroll_count) over (partition by user_id, session_id)
            as session_scroll_count

    from aggregated_to_item

),

-- all deliveries are in when no more can come
broken as (

    select * from described

    where
        {{ 'true' if delivered_until('shop') > world_end_date('shop') else 'false' }}
        and (
            view_count > 1
            or scroll_count > view_count
            or cart_count > view_count
            or (cart_count > scroll_count and session_scroll_count > 0)
            or removal_count > cart_count
            or purchase_count > 1
            or (removal_count > 0 and purchase_count > 0)
            or scrolled_at <= viewed_at
            or carted_at <= viewed_at
            or carted_at <= scrolled_at
            or removed_at <= carted_at
            or purchased_at <= carted_at
        )

)

select * from broken
