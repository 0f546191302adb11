{# Query that reads Parquet files as one relation. #}
{% macro read_files(paths) -%}
    {{ return(adapter.dispatch('read_files', 'diorama')(paths)) }}
{%- endmacro %}

{% macro duckdb__read_files(paths) -%}
{%- set quoted = [] -%}
{%- for path in paths -%}
    {%- do quoted.append("'" ~ path | replace("'", "''") ~ "'") -%}
{%- endfor -%}
    select * from read_parquet([{{ quoted | join(', ') }}])
{%- endmacro %}

{% macro spark__read_files(paths) -%}
{{ raise_usage_error("Shards are merged by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
