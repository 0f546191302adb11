{# Aggregate: the texts of a group with commas between them, in the order of a column that is unique in it. #}
{% macro joined_text(value, order_by) -%}
    {{ return(adapter.dispatch('joined_text', 'diorama')(value, order_by)) }}
{%- endmacro %}

{% macro duckdb__joined_text(value, order_by) -%}
    string_agg({{ value }}, ', ' order by {{ order_by }})
{%- endmacro %}

{# Of no text, array_join would make an empty one. #}
{% macro spark__joined_text(value, order_by) -%}
    nullif(array_join({{ ordered_list(value, order_by) }}, ', '), '')
{%- endmacro %}
