{# A BIGINT of cents as US dollars, decimal(12, 2). #}
{% macro shop_money(cents) -%}
    {{ scaled_decimal(cents, 2, 'decimal(12, 2)') }}
{%- endmacro %}
