{#
  The rows of a small relation of distinct rows, handed to all threads. DuckDB gives one row group
  (122,880 rows) to one thread, so that a small parent would feed a large expansion from one thread;
  what comes out of an aggregation is read by all.
#}
{% macro spread_over_threads(relation) -%}
    {{ return(adapter.dispatch('spread_over_threads', 'diorama')(relation)) }}
{%- endmacro %}

{% macro duckdb__spread_over_threads(relation) -%}
    select distinct * from {{ relation }}
{%- endmacro %}

{% macro spark__spread_over_threads(relation) -%}
    select * from {{ relation }}
{%- endmacro %}
