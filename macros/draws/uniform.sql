{# Uniform on [0, 1) with 53 bits, as numpy.random.Generator.random. #}
{% macro uniform(key, stream, counter=0) -%}
    ({{ shift_right(bits(key, stream, counter), 10) }} * cast(1.1102230246251565e-16 as double))
{%- endmacro %}
