{# Probability that an item in the cart of the shop world is not bought in one later session. #}
{% macro cart_retention_probability() -%}
    {{ double_literal(1 - shop_setting('shop_return_purchase_probability')) }}
{%- endmacro %}
