{# A BIGINT of cents as US dollars, decimal(12, 2). #}
{% macro shop_money(cents) -%}
    cast(cast({{ cents }} as decimal(18, 2)) / 100 as decimal(12, 2))
{%- endmacro %}
