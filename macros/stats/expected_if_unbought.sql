{#
  Mean over what comes of an item that was not bought at once: removed from the cart, or left there.
  The arguments are expressions of either.
#}
{% macro expected_if_unbought(if_removed, if_left) -%}
    ({{ double_literal(shop_setting('shop_remove_probability')) }} * {{ if_removed }}
        + {{ double_literal(1 - shop_setting('shop_remove_probability')) }} * {{ if_left }})
{%- endmacro %}
