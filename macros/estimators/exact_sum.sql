{# Aggregate: the sum of whole numbers, as a whole number of at least 37 digits; null of none. #}
{% macro exact_sum(value) -%}
    cast(sum({{ value }}) as {{ type_hugeint() }})
{%- endmacro %}
