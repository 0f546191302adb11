{#
  Repeats its row once for each element of a list and returns that element; a row whose list is empty
  vanishes. Stands alone in a select list, with an alias.
#}
{% macro unnest_list(values) -%}
    {{ return(adapter.dispatch('unnest_list', 'diorama')(values)) }}
{%- endmacro %}

{% macro duckdb__unnest_list(values) -%}
    unnest({{ values }})
{%- endmacro %}

{% macro spark__unnest_list(values) -%}
    explode({{ values }})
{%- endmacro %}
