{#
  A relation with one BIGINT column that counts from start (inclusive) to stop (exclusive).
  DuckDB's range() runs on one thread, so two halves use two.
#}
{% macro series(start, stop, column) -%}
    {{ return(adapter.dispatch('series', 'diorama')(start, stop, column)) }}
{%- endmacro %}

{% macro duckdb__series(start, stop, column) -%}
{%- set middle = start + (stop - start) // 2 -%}
    (
        select range as {{ column }} from range({{ start }}, {{ middle }})
        union all
        select range as {{ column }} from range({{ middle }}, {{ stop }})
    )
{%- endmacro %}

{% macro spark__series(start, stop, column) -%}
    (select id as {{ column }} from range({{ start }}, {{ stop }}))
{%- endmacro %}
