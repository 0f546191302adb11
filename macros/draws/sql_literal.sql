{# A Jinja value as an SQL literal: text in quotes, a number as it is, none as null. #}
{% macro sql_literal(value) -%}
{%- if value is none -%}
    null
{%- elif value is string -%}
    '{{ value | replace("'", "''") }}'
{%- else -%}
    {{ value }}
{%- endif -%}
{%- endmacro %}
