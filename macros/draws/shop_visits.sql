{#
  Relation: what a shopper does with each viewed item, and for how long, whatever the item is. It adds
  to the relation's columns item_key, is_scrolled, is_cart_drawn (it goes into the cart if it was
  scrolled, or if no item of the session was), and the durations view_tenths, scroll_tenths,
  cart_tenths and purchase_tenths (if it is scrolled, carted, bought). The relation has session_key,
  position (from 0), scroll_probability and cart_probability.
#}
{% macro shop_visits(relation) -%}
    with

    visits_keyed as (

        select
            visited.*,
            shape.view_from,
            shape.view_to,
            shape.scroll_from,
            shape.scroll_to,
            shape.cart_from,
            shape.cart_to,
            shape.purchase_from,
            shape.purchase_to,
            {{ fold_in('visited.session_key', 'visited.position') }} as item_key

        from {{ relation }} as visited
        cross join {{ ref('gen_shop__catalogue_ranges') }} as shape

    )

    select
        visits_keyed.*,
        {{ bernoulli('item_key', 'shop.visits.scroll', 'scroll_probability') }} as is_scrolled,
        {{ bernoulli('item_key', 'shop.visits.cart', 'cart_probability') }} as is_cart_drawn,
        {{ integers('item_key', 'shop.visits.view_tenths', 'view_from', 'view_to + 1') }} as view_tenths,
        {{ integers('item_key', 'shop.visits.scroll_tenths', 'scroll_from', 'scroll_to + 1') }} as scroll_tenths,
        {{ integers('item_key', 'shop.visits.cart_tenths', 'cart_from', 'cart_to + 1') }} as cart_tenths,
        {{ integers('item_key', 'shop.visits.purchase_tenths', 'purchase_from', 'purchase_to + 1') }} as purchase_tenths

    from visits_keyed
{%- endmacro %}
