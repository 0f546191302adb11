{# Probability that an item in the cart of the shop world is not bought in one later session. #}
{% macro shop_stays() -%}
    {{ double_literal(1 - shop_knob('shop_return_purchase_probability')) }}
{%- endmacro %}
