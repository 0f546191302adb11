{#
  A 63-bit finalizer of one integer: the primitive under every draw. The function is xor-shift 32,
  times 0xd6e8feb86659fd93, twice, xor-shift 32, and the highest 63 bits of that; DuckDB's
  single-argument hash of a BIGINT is exactly this in every version from 0.9 to 2.0.
  Never pass more than one argument to hash(): the last one enters by a plain XOR.
#}
{% macro mix(x) -%}
    {{ return(adapter.dispatch('mix', 'diorama')(x)) }}
{%- endmacro %}

{% macro duckdb__mix(x) -%}
    cast(hash(cast({{ x }} as bigint)) >> 1 as bigint)
{%- endmacro %}

{# A function of the catalogue where there can be one: the expression, copied, is more than Spark compiles. #}
{% macro spark__mix(x) -%}
    {%- if target.name == 'sail' -%}
    {{ wrapping_mix('cast(' ~ x ~ ' as bigint)') }}
    {%- else -%}
    {{ target.schema }}.mix(cast({{ x }} as bigint))
    {%- endif -%}
{%- endmacro %}
