{#
  63 random bits as a non-negative BIGINT: the draw of this row (key) for this decision (stream).
  counter tells apart several draws of one decision. Same key, stream and counter, same bits.
#}
{% macro bits(key, stream, counter=0) -%}
    {{ mix(bitwise_xor(key, 'cast(' ~ (stream_constant(stream) + counter) ~ ' as bigint)')) }}
{%- endmacro %}
