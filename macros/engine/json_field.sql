{# The text of a field of a JSON object that is a text. #}
{% macro json_field(object, key) -%}
    {{ return(adapter.dispatch('json_field', 'diorama')(object, key)) }}
{%- endmacro %}

{% macro duckdb__json_field(object, key) -%}
    json_extract_string({{ object }}, '$.{{ key }}')
{%- endmacro %}

{% macro spark__json_field(object, key) -%}
{{ raise_usage_error("Raw files are read by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
