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

{#
  The finalizer in integer arithmetic that wraps: spark.sql.ansi.enabled must be false, as dbt-spark
  sets it, where it is computed or, in a function, where that was created. The masks make a logical
  shift of shiftright().
#}
{% macro wrapping_mix(x) -%}
{%- set ns = namespace(mixed=x) -%}
{%- for _ in range(2) -%}
    {%- set ns.mixed = '((' ~ ns.mixed ~ ' ^ (shiftright(' ~ ns.mixed ~ ', 32) & 4294967295)) * -2960836687051489901)' -%}
{%- endfor -%}
    (shiftright({{ ns.mixed }} ^ (shiftright({{ ns.mixed }}, 32) & 4294967295), 1) & 9223372036854775807)
{%- endmacro %}
