{# Name of the UUID type; text on engines that have none. #}
{% macro type_uuid() -%}
    {{ return(adapter.dispatch('type_uuid', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__type_uuid() -%}
    uuid
{%- endmacro %}

{% macro spark__type_uuid() -%}
    string
{%- endmacro %}
