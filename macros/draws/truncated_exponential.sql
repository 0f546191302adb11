{#
  Exponential with mean scale before it is cut, given that it is at most high, by inversion, as
  scipy.stats.truncexpon: one draw, none refused. scale and high are repeated: numbers or columns.
#}
{% macro truncated_exponential(key, stream, scale, high, counter=0) -%}
    least(
        -ln(1 - {{ uniform(key, stream, counter) }} * (1 - exp(-cast({{ high }} as double) / ({{ scale }})))) * ({{ scale }}),
        {{ high }}
    )
{%- endmacro %}
