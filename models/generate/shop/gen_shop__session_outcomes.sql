{{ config(materialized=large_view_or_table()) }}

-- one row per session and variant: what is bought in it under that variant
with

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

variants as (

    select * from {{ ref('shop_variants') }}

),

items as (

    select * from {{ ref('gen_shop__items') }}

),

purchases as (

    select
        first_event_id,
        variant,
        item_number

    from {{ ref('gen_shop__cart_outcomes') }}

    where outcome = 'purchase'

    union all

    select
        first_event_id,
        variant,
        item_number

    from {{ ref('gen_shop__returns') }}

),

purchases_aggregated_to_session as (

    select
        purchases.first_event_id,
        purchases.variant,
        count(*) as purchase_count,
        cast(sum(items.current_price_cents) as bigint) as revenue_cents

    from purchases
    inner join items on purchases.item_number = items.item_number

    group by purchases.first_event_id, purchases.variant

),

both_arms as (

    select
        sessions.first_event_id,
        sessions.user_number,
        sessions.day,
        sessions.session_number,
        sessions.user_id,
        sessions.session_id,
        variants.variant,
        sessions.variant = variants.variant as is_assigned,
        sessions.item_count,
        sessions.started_at_ms

    from sessions
    cross join variants

),

outcomes as (

    select
        both_arms.*,
        coalesce(purchases.purchase_count, 0) as purchase_count,
        coalesce(purchases.revenue_cents, 0) as revenue_cents

    from both_arms
    left join purchases_aggregated_to_session as purchases
        on
            both_arms.first_event_id = purchases.first_event_id
            and both_arms.variant = purchases.variant

)

select * from outcomes
