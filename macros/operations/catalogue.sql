{# Run-operation. Emits the statements that write the catalogue (record_catalogue). #}
{% macro catalogue() -%}
    {%- do emit({'sql': duckdb__record_catalogue()}) -%}
{%- endmacro %}
