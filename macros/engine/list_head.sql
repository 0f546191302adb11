{# The first `count` elements of a list, a BIGINT of at least 1, or all if there are fewer. #}
{% macro list_head(values, count) -%}
    {{ return(adapter.dispatch('list_head', 'diorama')(values, count)) }}
{%- endmacro %}

{% macro duckdb__list_head(values, count) -%}
    list_slice({{ values }}, 1, {{ count }})
{%- endmacro %}

{% macro spark__list_head(values, count) -%}
    slice({{ values }}, 1, cast({{ count }} as int))
{%- endmacro %}
