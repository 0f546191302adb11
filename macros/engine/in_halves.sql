{#
  The rows of a small relation, read as two halves by an integer column. DuckDB gives one row group
  (122,880 rows) to one thread, so that a small parent would feed a large expansion from one thread.
#}
{% macro in_halves(relation, column) -%}
    {{ return(adapter.dispatch('in_halves', 'diorama')(relation, column)) }}
{%- endmacro %}

{% macro duckdb__in_halves(relation, column) -%}
    select * from {{ relation }} where {{ column }} % 2 = 0
    union all
    select * from {{ relation }} where {{ column }} % 2 = 1
{%- endmacro %}

{% macro spark__in_halves(relation, column) -%}
    select * from {{ relation }}
{%- endmacro %}
