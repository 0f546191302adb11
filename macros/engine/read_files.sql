{# Query that reads Parquet files as one relation. #}
{% macro read_files(paths) -%}
    {{ return(adapter.dispatch('read_files', 'diorama')(paths)) }}
{%- endmacro %}

{% macro duckdb__read_files(paths) -%}
    select * from read_parquet({{ named_files(paths) }})
{%- endmacro %}

{% macro spark__read_files(paths) -%}
{{ raise_usage_error("Shards are merged by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
