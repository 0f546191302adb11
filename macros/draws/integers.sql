{# Uniform BIGINT from low (inclusive) to high (exclusive), as numpy.random.Generator.integers. #}
{% macro integers(key, stream, low, high, counter=0) -%}
    ({{ low }} + cast(floor({{ uniform(key, stream, counter) }} * (({{ high }}) - ({{ low }}))) as bigint))
{%- endmacro %}
