{# x, not below low and not above high, as numpy.clip. #}
{% macro clip(x, low, high) -%}
    least(greatest({{ x }}, {{ low }}), {{ high }})
{%- endmacro %}
