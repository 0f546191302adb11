{# A BIGINT divided by another one, as DOUBLE; 0 where the divisor is 0. #}
{% macro ratio_or_zero(dividend, divisor) -%}
    coalesce(cast({{ dividend }} as double) / nullif({{ divisor }}, 0), 0e0)
{%- endmacro %}
