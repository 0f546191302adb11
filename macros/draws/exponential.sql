{# Exponential with mean scale, by inversion, as numpy.random.Generator.exponential. #}
{% macro exponential(key, stream, scale, counter=0) -%}
    (-ln(1 - {{ uniform(key, stream, counter) }}) * ({{ scale }}))
{%- endmacro %}
