{# The normal's critical value of two-sided 95 % intervals, its quantile at 0.975, as a literal. #}
{% macro z_95() -%}
    1.959963984540054e0
{%- endmacro %}
