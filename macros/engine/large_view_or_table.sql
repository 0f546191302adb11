{#
  Materialization of a large relation between the users and what is written in raw. DuckDB computes
  it again wherever it is read, which takes less than writing it and reading it back. Spark stores
  it: its optimizer copies a draw into every use of it, and views of views would grow without end.
#}
{% macro large_view_or_table() -%}
    {{ return(adapter.dispatch('large_view_or_table', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__large_view_or_table() -%}
    {{ return('view') }}
{%- endmacro %}

{% macro spark__large_view_or_table() -%}
    {{ return('table') }}
{%- endmacro %}
