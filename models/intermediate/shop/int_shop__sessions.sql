-- one row per session, with its place among the user's sessions
with

events as (

    select * from {{ ref('stg_shop__events') }}

),

items as (

    select
        item_id,
        category,
        cast(current_price * 100 as bigint) as price_cents

    from {{ ref('stg_shop__items') }}

),

described as (

    select
        events.session_id,
        events.user_id,
        events.event_type,
        events.item_id,
        items.category,
        items.price_cents,
        events.timestamp,
        {{ epoch_ms('events.timestamp') }}
        + cast(events.duration_seconds * 1000 as bigint) as over_ms

    from events
    inner join items on events.item_id = items.item_id

),

aggregated_to_session as (

    select
        session_id,
        user_id,
        count(case when event_type = 'view' then 1 end) as view_count,
        count(case when event_type = 'scroll' then 1 end) as scroll_count,
        count(case when event_type = 'add_to_cart' then 1 end) as cart_count,
        count(case when event_type = 'remove_from_cart' then 1 end) as removal_count,
        count(case when event_type = 'purchase' then 1 end) as purchase_count,
        count(distinct item_id) as distinct_item_count,
        count(distinct category) as distinct_category_count,
        cast(
            sum(case when event_type = 'purchase' then price_cents else 0 end) as bigint
        ) as revenue_cents,
        cast(
            sum(case when event_type = 'view' then price_cents else 0 end) as bigint
        ) as viewed_cents,
        min({{ epoch_ms('timestamp') }}) as started_at_ms,
        max(over_ms) as ended_at_ms

    from described

    group by session_id, user_id

),

numbered as (

    select
        *,
        cast(
            row_number() over (
                partition by user_id order by started_at_ms, session_id
            ) as bigint
        ) as session_number,
        count(*) over (partition by user_id) as user_session_count,
        -- a session in which one item was viewed
        cast(
            sum(case when view_count = 1 then 1 else 0 end) over (
                partition by user_id order by started_at_ms, session_id
                rows unbounded preceding
            ) as bigint
        ) as bounce_count

    from aggregated_to_session

)

select
    session_id,
    user_id,
    session_number,
    user_session_count - session_number as later_session_count,
    view_count,
    scroll_count,
    cart_count,
    removal_count,
    purchase_count,
    distinct_item_count,
    distinct_category_count,
    revenue_cents,
    viewed_cents,
    bounce_count,
    started_at_ms,
    ended_at_ms

from numbered
