{# A key (non-negative BIGINT) of a text: 63 bits of its md5, to derive draws from. #}
{% macro text_key(text) -%}
    {{ return(adapter.dispatch('text_key', 'diorama')(text)) }}
{%- endmacro %}

{% macro duckdb__text_key(text) -%}
    cast(md5_number_lower({{ text }}) >> 1 as bigint)
{%- endmacro %}
