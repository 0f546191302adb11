{# A key (non-negative BIGINT) of a text: 63 bits of its md5, to derive draws from. #}
{% macro text_key(text) -%}
    {{ return(adapter.dispatch('text_key', 'diorama')(text)) }}
{%- endmacro %}

{% macro duckdb__text_key(text) -%}
    cast(md5_number_lower({{ text }}) >> 1 as bigint)
{%- endmacro %}

{# DuckDB reads the last eight bytes with the lowest one first. #}
{% macro spark__text_key(text) -%}
{%- set ns = namespace(digits=[]) -%}
{%- for place in range(31, 15, -2) -%}
    {%- do ns.digits.append('substr(md5(' ~ text ~ '), ' ~ place ~ ', 2)') -%}
{%- endfor -%}
    (
        cast(conv(concat({{ ns.digits[:4] | join(', ') }}), 16, 10) as bigint) * 2147483648
        + shiftright(cast(conv(concat({{ ns.digits[4:] | join(', ') }}), 16, 10) as bigint), 1)
    )
{%- endmacro %}
