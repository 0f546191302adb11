{# Query that reads files of one format (parquet, csv or jsonl) as one relation, every column as text. #}
{% macro read_as_text(paths, format) -%}
    {{ return(adapter.dispatch('read_as_text', 'diorama')(paths, format)) }}
{%- endmacro %}

{% macro duckdb__read_as_text(paths, format) -%}
{%- set readers = {
    'parquet': 'read_parquet({}, union_by_name = true)',
    'csv': 'read_csv({}, all_varchar = true, header = true, union_by_name = true)',
    'jsonl': "read_json({}, format = 'newline_delimited', union_by_name = true)",
} -%}
    select cast(columns(*) as varchar) from {{ readers[format].format(named_files(paths)) }}
{%- endmacro %}

{% macro spark__read_as_text(paths, format) -%}
{{ raise_usage_error("Files are checked by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
