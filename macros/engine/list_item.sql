{# The element of a list at a BIGINT position, from 1. #}
{% macro list_item(values, position) -%}
    {{ return(adapter.dispatch('list_item', 'diorama')(values, position)) }}
{%- endmacro %}

{% macro duckdb__list_item(values, position) -%}
    list_extract({{ values }}, {{ position }})
{%- endmacro %}

{% macro spark__list_item(values, position) -%}
    element_at({{ values }}, cast({{ position }} as int))
{%- endmacro %}
