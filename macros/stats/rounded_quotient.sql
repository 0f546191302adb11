{# A non-negative BIGINT divided by a positive one, rounded to the nearest integer, half up; exact. #}
{% macro rounded_quotient(dividend, divisor) -%}
    ({{ integer_quotient('(2 * (' ~ dividend ~ ') + (' ~ divisor ~ '))', '(2 * (' ~ divisor ~ '))') }})
{%- endmacro %}
