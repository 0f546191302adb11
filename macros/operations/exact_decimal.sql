{# A whole number of 128 bits in a type that files have as well, every digit kept. #}
{% macro exact_decimal(expression) -%}
    {{ return('cast(' ~ expression ~ ' as decimal(38, 0))') }}
{%- endmacro %}
