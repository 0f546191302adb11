{# A sum in units of a number's last decimal as the number. #}
{% macro decimal_sum(column, property) -%}
{%- if property['places'] -%}
    {{ scaled_decimal(column, property['places'], 'decimal(18, ' ~ property['places'] ~ ')') }}
{%- else -%}
    {{ column }}
{%- endif -%}
{%- endmacro %}
