-- one row per session and item viewed in it: what is known at the session's end, and
-- whether the user buys the item in one of the next three sessions
with

examples as (

    select * from {{ ref('int_shop__session_items') }}

    where session_view_count > 0

),

features as (

    select * from {{ ref('int_shop__session_features') }}

),

categories as (

    select
        session_id,
        category,
        view_count

    from {{ ref('int_shop__session_categories') }}

),

labels as (

    select * from {{ ref('int_shop__purchase_labels') }}

),

items as (

    select
        item_id,
        category,
        discount_pct,
        base_price,
        current_price,
        cast(current_price * 100 as bigint) as price_cents

    from {{ ref('stg_shop__items') }}

),

aggregates as (

    select * from {{ ref('int_shop__item_aggregates') }}

),

joined as (

    select
        features.*,
        examples.item_id,
        items.category as item_category,
        examples.view_count as item_view_count,
        examples.scroll_count as item_scroll_count,
        examples.cart_count as item_cart_count,
        categories.view_count as category_view_count,
        items.price_cents,
        items.current_price,
        items.base_price,
        items.discount_pct,
        aggregates.view_count as train_view_count,
        aggregates.cart_count as train_cart_count,
        aggregates.purchase_count as train_purchase_count,
        aggregates.most_view_count,
        labels.item_id is not null as is_bought

    from examples
    inner join features on examples.session_id = features.session_id
    inner join items on examples.item_id = items.item_id
    inner join categories
        on
            examples.session_id = categories.session_id
            and items.category = categories.category
    inner join aggregates on examples.item_id = aggregates.item_id
    left join labels
        on
            examples.session_id = labels.session_id
            and examples.item_id = labels.item_id

),

training_set as (

    select
        user_id,
        session_id,
        item_id,
        case
            when started_at_ms < {{ epoch_ms_of_day('shop', shop_split_days()[0]) }}
                then 'train'
            when started_at_ms < {{ epoch_ms_of_day('shop', shop_split_days()[1]) }}
                then 'validation'
            else 'test'
        end as split,
        {{ shop_hours_since('last_view_age_ms') }} as hours_since_last_view,
        {{ shop_hours_since('last_scroll_age_ms') }} as hours_since_last_scroll,
        {{ shop_hours_since('last_cart_age_ms') }} as hours_since_last_add_to_cart,
        {{ shop_hours_since('last_purchase_age_ms') }} as hours_since_last_purchase,
        cast(registered_for_ms as double) / 86400000 as days_since_registration,
        {%- for days in [1, 7, 30] %}
            view_count_{{ days }}d as views_count_{{ days }}d,
            scroll_count_{{ days }}d as scrolls_count_{{ days }}d,
            cart_count_{{ days }}d as cart_adds_count_{{ days }}d,
            purchase_count_{{ days }}d as purchases_count_{{ days }}d,
            viewed_item_count_{{ days }}d as unique_items_viewed_{{ days }}d,
            viewed_category_count_{{ days }}d as unique_categories_viewed_{{ days }}d,
        {%- endfor %}
        {{ ratio_or_zero('scroll_count_7d', 'view_count_7d') }}
            as view_to_scroll_ratio_7d,
        {{ ratio_or_zero('cart_count_7d', 'scroll_count_7d') }}
            as scroll_to_cart_ratio_7d,
        {{ ratio_or_zero('purchase_count_30d', 'cart_count_30d') }}
            as cart_to_purchase_ratio_30d,
        cast(bounce_count as double) / session_number as session_bounce_rate,
        cast(session_ms as double) / 60000 as session_length_minutes,
        session_view_count as session_items_viewed,
        session_scroll_count as session_items_scrolled,
        session_cart_count as session_items_carted,
        session_item_count as session_unique_items,
        session_category_count as session_unique_categories,
        {{ ratio_or_zero('session_viewed_cents', '100 * session_view_count') }}
            as session_avg_price,
        item_view_count as times_viewed_this_item,
        item_scroll_count as times_scrolled_this_item,
        item_cart_count as times_carted_this_item,
        category_view_count as times_viewed_this_category,
        {{ ratio_or_zero('viewed_cents_30d', '100 * view_count_30d') }}
            as user_avg_price_viewed_30d,
        {{ ratio_or_zero('purchased_cents_30d', '100 * purchase_count_30d') }}
            as user_avg_price_purchased_30d,
        {{ ratio_or_zero('price_cents * view_count_30d', 'viewed_cents_30d') }}
            as price_vs_user_avg_ratio,
        {{ ratio_or_zero('discounted_view_count_30d', 'view_count_30d') }}
            as discount_affinity_score,
        cast(current_price as double) as item_price,
        cast(base_price as double) as item_base_price,
        discount_pct as item_discount_pct,
        case when discount_pct > 0 then 1 else 0 end as item_has_discount,
        item_category,
        {{ ratio_or_zero('train_view_count', 'most_view_count') }}
            as item_popularity_score,
        {{ ratio_or_zero('train_purchase_count', 'train_view_count') }}
            as item_conversion_rate,
        {{ ratio_or_zero(
            'train_cart_count - train_purchase_count', 'train_cart_count'
        ) }} as item_cart_abandonment_rate,
        case when is_bought then 1 else 0 end as label,
        {{ timestamp_from_ms('started_at_ms') }} as session_started_at,
        {{ timestamp_from_ms('ended_at_ms') }} as session_ended_at

    from joined

)

select * from training_set
