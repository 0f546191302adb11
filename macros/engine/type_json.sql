{# Name of the JSON type; text on engines that have none. #}
{% macro type_json() -%}
    {{ return(adapter.dispatch('type_json', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__type_json() -%}
    json
{%- endmacro %}

{% macro spark__type_json() -%}
    string
{%- endmacro %}
