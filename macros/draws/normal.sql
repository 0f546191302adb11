{#
  Normal with mean loc and standard deviation scale, as numpy.random.Generator.normal: the cosine
  branch of Box and Muller (1958), which is exact and uses each of its two draws once. It takes the
  counters 2 * counter and 2 * counter + 1 of its stream.
#}
{% macro normal(key, stream, loc=0, scale=1, counter=0) -%}
    (({{ loc }}) + ({{ scale }})
        * sqrt(-2 * ln(1 - {{ uniform(key, stream, 2 * counter) }}))
        * cos(6.283185307179586 * {{ uniform(key, stream, 2 * counter + 1) }}))
{%- endmacro %}
