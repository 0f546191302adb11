{#
  Repeats its row once for each integer from start (inclusive) to stop (exclusive) and returns that
  integer; a row whose range is empty vanishes. Stands alone in a select list, with an alias.
#}
{% macro unnest_range(start, stop) -%}
    {{ return(adapter.dispatch('unnest_range', 'diorama')(start, stop)) }}
{%- endmacro %}

{% macro duckdb__unnest_range(start, stop) -%}
    unnest(range({{ start }}, {{ stop }}))
{%- endmacro %}
