{# Statement that writes the rows of a query to one file, in the order of the query if it has one. #}
{% macro copy_to_file(query, path, format, compression) -%}
    {{ return(adapter.dispatch('copy_to_file', 'diorama')(query, path, format, compression)) }}
{%- endmacro %}

{% macro duckdb__copy_to_file(query, path, format, compression) -%}
{%- set options = {
    'parquet': 'format parquet',
    'csv': "format csv, header, timestampformat '%Y-%m-%d %H:%M:%S.%f'",
    'jsonl': "format json, timestampformat '%Y-%m-%d %H:%M:%S.%f'",
} -%}
    copy ({{ query }}) to '{{ path | replace("'", "''") }}' ({{ options[format] }}, compression {{ compression }})
{%- endmacro %}

{% macro spark__copy_to_file(query, path, format, compression) -%}
{{ raise_usage_error(
    "Engine '" ~ target.name ~ "' does not export: its tables are Parquet files already, which `diorama build --target "
    ~ target.name ~ "` shows the place of."
) }}
{%- endmacro %}
