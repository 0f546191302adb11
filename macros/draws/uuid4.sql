{# A version 4 UUID drawn from the key (the engine's UUID type, or text where it has none). #}
{% macro uuid4(key, stream) -%}
    {{ uuid_from_bits(bits(key, stream, 0), bits(key, stream, 1)) }}
{%- endmacro %}
