{# Makes what the engine's other macros need, or raises a usage error where it cannot. #}
{% macro prepare_engine() -%}
    {{ return(adapter.dispatch('prepare_engine', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__prepare_engine() -%}
{%- endmacro %}

{# The function that mix() calls keeps ANSI off, as dbt-spark has it, so that its products wrap. #}
{% macro spark__prepare_engine() -%}
{%- if declared_world() -%}
    {{ raise_usage_error(
        "A world of your own is built on DuckDB only, but the target is " ~ target.name ~ ". Leave --target out, "
        ~ "or the world."
    ) }}
{%- endif -%}
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
