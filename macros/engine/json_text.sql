{# A struct as JSON text: one object with a key per field, nulls included. #}
{% macro json_text(struct) -%}
    {{ return(adapter.dispatch('json_text', 'diorama')(struct)) }}
{%- endmacro %}

{% macro duckdb__json_text(struct) -%}
    cast(to_json({{ struct }}) as varchar)
{%- endmacro %}

{% macro spark__json_text(struct) -%}
    to_json({{ struct }}, map('ignoreNullFields', 'false'))
{%- endmacro %}
