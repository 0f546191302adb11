{# A Python date's midnight as milliseconds after 1970-01-01. #}
{% macro epoch_ms_literal(date) -%}
    {{ (date - modules.datetime.date(1970, 1, 1)).days * 86400000 }}
{%- endmacro %}
