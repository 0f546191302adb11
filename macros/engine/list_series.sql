{# A list of the BIGINT from 1 to `count`, which is at least 1. #}
{% macro list_series(count) -%}
    {{ return(adapter.dispatch('list_series', 'diorama')(count)) }}
{%- endmacro %}

{% macro duckdb__list_series(count) -%}
    range(1, {{ count }} + 1)
{%- endmacro %}

{% macro spark__list_series(count) -%}
    sequence(1L, cast({{ count }} as bigint))
{%- endmacro %}
