{# An amount, decimal(12, 2), in whole cents, as BIGINT: what is summed. #}
{% macro cents(amount) -%}
    cast({{ amount }} * 100 as bigint)
{%- endmacro %}
