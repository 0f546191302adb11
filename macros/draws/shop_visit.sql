{#
  What a shopper does with a viewed item, and for how long, whatever the item is: a dict of expressions.
  is_scrolled, is_cart_drawn (see shop_cart_tenths()), view_tenths, scroll_tenths (0 if it is not), and
  cart_tenths and purchase_tenths (if it is carted, bought). Columns are scroll_probability,
  cart_probability and those of gen_shop__catalogue_ranges; the key is that of session and position.
#}
{% macro shop_visit(item_key) -%}
{%- set is_scrolled = bernoulli(item_key, 'shop.visits.scroll', 'scroll_probability') -%}
{{ return({
    'is_scrolled': is_scrolled,
    'is_cart_drawn': bernoulli(item_key, 'shop.visits.cart', 'cart_probability'),
    'view_tenths': integers(item_key, 'shop.visits.view_tenths', 'view_from', 'view_to + 1'),
    'scroll_tenths': 'case when ' ~ is_scrolled ~ ' then '
        ~ integers(item_key, 'shop.visits.scroll_tenths', 'scroll_from', 'scroll_to + 1') ~ ' else 0 end',
    'cart_tenths': integers(item_key, 'shop.visits.cart_tenths', 'cart_from', 'cart_to + 1'),
    'purchase_tenths': integers(item_key, 'shop.visits.purchase_tenths', 'purchase_from', 'purchase_to + 1'),
}) }}
{%- endmacro %}
