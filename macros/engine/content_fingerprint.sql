{#
  Aggregate expression: the fingerprint of the content of all rows, as 16 hexadecimal digits. It is
  the sum modulo 2^64, so that order and threads do not matter, of the last 8 bytes of the MD5
  (RFC 1321, little-endian) of each row's canonical text: its columns in order behind the separator
  U+001F, null as U+001E, moments as microseconds since 1970. The engine's own hash of a text would
  be faster, but changes between versions.
#}
{% macro content_fingerprint(columns) -%}
    {{ return(adapter.dispatch('content_fingerprint', 'diorama')(columns)) }}
{%- endmacro %}

{% macro duckdb__content_fingerprint(columns) -%}
{%- set texts = [] -%}
{%- for column in columns -%}
    {%- set name = adapter.quote(column.name) -%}
    {%- set value = 'epoch_us(' ~ name ~ ')' if column.dtype | lower == 'timestamp' else name -%}
    {%- do texts.append('coalesce(cast(' ~ value ~ ' as varchar), chr(30))') -%}
{%- endfor -%}
    lower(lpad(to_hex(cast(
        coalesce(sum(md5_number_lower(concat_ws(chr(31), {{ texts | join(', ') }}))), 0)
        % 18446744073709551616 as ubigint
    )), 16, '0'))
{%- endmacro %}

{# Engines write floating-point numbers in different ways, so only DuckDB can make the canonical text. #}
{% macro spark__content_fingerprint(columns) -%}
{{ raise_usage_error(
    "Fingerprints are made by DuckDB alone. Read the Parquet files of engine '" ~ target.name ~ "' into DuckDB for one."
) }}
{%- endmacro %}
