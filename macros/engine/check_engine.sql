{#
  Runs before anything is built. An error where this engine would not make DuckDB's rows: without
  the root key of a DuckDB build, or where mix() returns other values.
#}
{% macro check_engine() -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {{ return(adapter.dispatch('check_engine', 'diorama')()) }}
{%- endif -%}
{%- endmacro %}

{% macro duckdb__check_engine() -%}
{%- endmacro %}

{% macro spark__check_engine() -%}
{%- if setting('root_key') is none -%}
    {{ raise_usage_error(
        "Engine '" ~ target.name ~ "' needs the setting root_key, because the root key is drawn by DuckDB's random(). "
        ~ "`diorama build --target " ~ target.name ~ "` passes it on; for dbt alone, take it from a DuckDB build: "
        ~ "select root_key from generate.gen__run."
    ) }}
{%- endif -%}
{%- do create_functions() -%}
{%- set mixed = run_query('select cast(' ~ mix('42') ~ ' as string) as mixed').rows[0][0] -%}
{%- if mixed | string != '3599966565285372793' -%}
    {{ exceptions.raise_compiler_error(
        "Engine '" ~ target.name ~ "' computes mix(42) = " ~ mixed ~ " instead of 3599966565285372793, so that its rows "
        ~ "would differ. Integer products must wrap: set spark.sql.ansi.enabled=false on the server."
    ) }}
{%- endif -%}
{%- endmacro %}

{# The function that mix() calls; its body keeps ANSI off, as the session has it now. #}
{% macro create_functions() -%}
{%- if target.name != 'sail' -%}
    {%- do run_query('create schema if not exists ' ~ target.schema) -%}
    {%- do run_query(
        'create or replace function ' ~ target.schema ~ '.mix(x bigint) returns bigint deterministic return '
        ~ wrapping_mix('x')
    ) -%}
{%- endif -%}
{%- endmacro %}
