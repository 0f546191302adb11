-- one row per session and category that its user has touched by the session's end
with

session_items as (

    select * from {{ ref('int_shop__session_items') }}

),

items as (

    select
        item_id,
        category,
        discount_pct > 0 as has_discount,
        cast(current_price * 100 as bigint) as price_cents

    from {{ ref('stg_shop__items') }}

),

aggregated_to_category as (

    select
        session_items.session_id,
        session_items.user_id,
        items.category,
        {%- for days in [1, 7, 30] %}
            cast(sum(session_items.view_count_{{ days }}d) as bigint)
                as view_count_{{ days }}d,
            cast(sum(session_items.scroll_count_{{ days }}d) as bigint)
                as scroll_count_{{ days }}d,
            cast(sum(session_items.cart_count_{{ days }}d) as bigint)
                as cart_count_{{ days }}d,
            cast(sum(session_items.purchase_count_{{ days }}d) as bigint)
                as purchase_count_{{ days }}d,
            count(case when session_items.view_count_{{ days }}d > 0 then 1 end)
                as viewed_item_count_{{ days }}d,
        {%- endfor %}
        cast(sum(session_items.view_count) as bigint) as view_count,
        cast(sum(session_items.view_count_30d * items.price_cents) as bigint)
            as viewed_cents_30d,
        cast(sum(session_items.purchase_count_30d * items.price_cents) as bigint)
            as purchased_cents_30d,
        cast(
            sum(
                case
                    when items.has_discount then session_items.view_count_30d
                    else 0
                end
            ) as bigint
        ) as discounted_view_count_30d,
        min(session_items.last_view_age_ms) as last_view_age_ms,
        min(session_items.last_scroll_age_ms) as last_scroll_age_ms,
        min(session_items.last_cart_age_ms) as last_cart_age_ms,
        min(session_items.last_purchase_age_ms) as last_purchase_age_ms

    from session_items
    inner join items on session_items.item_id = items.item_id

    group by session_items.session_id, session_items.user_id, items.category

)

select * from aggregated_to_category
