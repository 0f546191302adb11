{# A list of an expression's values for each element `name` of a list. #}
{% macro list_map(values, name, expression) -%}
    {{ return(adapter.dispatch('list_map', 'diorama')(values, name, expression)) }}
{%- endmacro %}

{% macro duckdb__list_map(values, name, expression) -%}
    list_transform({{ values }}, lambda {{ name }}: {{ expression }})
{%- endmacro %}

{% macro spark__list_map(values, name, expression) -%}
    transform({{ values }}, {{ name }} -> {{ expression }})
{%- endmacro %}
