{#
  Aggregate: how many different integers a small group has, nulls not counted. For millions of groups of a few
  rows, DuckDB collects lists in three quarters of the time of count(distinct); for texts and large groups,
  count(distinct) is faster.
#}
{% macro distinct_count(value) -%}
    {{ return(adapter.dispatch('distinct_count', 'diorama')(value)) }}
{%- endmacro %}

{% macro duckdb__distinct_count(value) -%}
    coalesce(cast(list_unique(list({{ value }}) filter (where {{ value }} is not null)) as bigint), 0)
{%- endmacro %}

{% macro spark__distinct_count(value) -%}
    count(distinct {{ value }})
{%- endmacro %}
