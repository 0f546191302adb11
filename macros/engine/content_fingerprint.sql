{#
  Aggregate expression: the fingerprint of the content of all rows, as 16 hexadecimal digits: the sum
  modulo 2^64 of a number per row, so that order and threads do not matter. A row's number chains its
  columns in order, h <- hash(h xor content_number). The engine's hash of values of a fixed width is a
  published mixer that no version from 1.4 to 2.0 has changed; that of texts did change, so a text is
  read as integers first.
#}
{% macro content_fingerprint(columns) -%}
    {{ return(adapter.dispatch('content_fingerprint', 'diorama')(columns)) }}
{%- endmacro %}

{% macro duckdb__content_fingerprint(columns) -%}
{%- set ns = namespace(row='cast(' ~ columns | length ~ ' as ubigint)') -%}
{%- for column in columns -%}
    {%- set ns.row = 'hash(xor(' ~ ns.row ~ ', ' ~ content_number(adapter.quote(column.name), column.dtype | lower) ~ '))' -%}
{%- endfor -%}
    lower(lpad(to_hex(cast(coalesce(sum({{ ns.row }}), 0) % 18446744073709551616 as ubigint)), 16, '0'))
{%- endmacro %}

{# Engines write floating-point numbers in different ways, so only DuckDB can number their values. #}
{% macro spark__content_fingerprint(columns) -%}
{{ raise_usage_error(
    "Fingerprints are made by DuckDB alone. Read the Parquet files of engine '" ~ target.name ~ "' into DuckDB for one."
) }}
{%- endmacro %}
