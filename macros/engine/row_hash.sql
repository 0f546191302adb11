{#
  Hash of a row's columns, as a BIGINT of 40 bits, so that a million of them can be summed. To
  compare two relations on one engine in one build: never for draws, and never stored. DuckDB's
  hash() of several columns lets the last one in by a plain XOR, hence the outer one.
#}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash', 'diorama')(columns)) }}
{%- endmacro %}

{% macro duckdb__row_hash(columns) -%}
    cast(hash(hash({{ columns | join(', ') }})) >> 24 as bigint)
{%- endmacro %}

{% macro spark__row_hash(columns) -%}
    shiftrightunsigned(xxhash64({{ columns | join(', ') }}), 24)
{%- endmacro %}
