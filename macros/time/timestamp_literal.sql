{# A Python date as a timestamp literal at midnight. #}
{% macro timestamp_literal(date) -%}
    timestamp '{{ date }} 00:00:00'
{%- endmacro %}
