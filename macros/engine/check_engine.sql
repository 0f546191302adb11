{#
  Runs before anything is built. Makes what the engine's other macros need, then raises an error
  where this engine would not make the rows of every other: where mix() returns other values.
#}
{% macro check_engine() -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- do adapter.dispatch('prepare_engine', 'diorama')() -%}
    {%- set known = [
        (0, 0), (1, 2358998009538179176), (42, 3599966565285372793), (-1, 2469965904784923180),
        (9223372036854775807, 6586878143497781956),
    ] -%}
    {%- for x, expected in known -%}
        {%- set mixed = run_query('select cast(' ~ mix(x) ~ ' as ' ~ dbt.type_string() ~ ') as mixed').rows[0][0] -%}
        {%- if mixed | string != expected | string -%}
            {{ exceptions.raise_compiler_error(
                "Engine '" ~ target.name ~ "' computes mix(" ~ x ~ ") = " ~ mixed ~ " instead of " ~ expected
                ~ ", so that its rows would differ from those of other engines. See docs/engines.md."
            ) }}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro %}

{% macro duckdb__prepare_engine() -%}
{%- endmacro %}

{# The function that mix() calls keeps ANSI off, as dbt-spark has it, so that its products wrap. #}
{% macro spark__prepare_engine() -%}
{%- if setting('root_key') is none -%}
    {{ raise_usage_error(
        "Engine '" ~ target.name ~ "' needs the setting root_key, which DuckDB's random() draws from the seed. "
        ~ "`diorama build --target " ~ target.name ~ "` passes it on; for dbt alone take it from a DuckDB build: "
        ~ "select root_key from generate.gen__run."
    ) }}
{%- endif -%}
{%- if target.name != 'sail' -%}
    {%- do run_query('create schema if not exists ' ~ target.schema) -%}
    {%- do run_query(
        'create or replace function ' ~ target.schema ~ '.mix(x bigint) returns bigint deterministic return '
        ~ wrapping_mix('x')
    ) -%}
{%- endif -%}
{%- endmacro %}
