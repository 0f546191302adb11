{# The sum of a list of DOUBLE, from its first element on. Nulls are left out. #}
{% macro list_total(values) -%}
    {{ return(adapter.dispatch('list_total', 'diorama')(values)) }}
{%- endmacro %}

{% macro duckdb__list_total(values) -%}
    list_sum({{ values }})
{%- endmacro %}

{% macro spark__list_total(values) -%}
    aggregate(
        {{ values }},
        cast(null as double),
        (total, item) -> coalesce(total + item, item, total)
    )
{%- endmacro %}
