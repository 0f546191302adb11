{# Size and time of change of files, as one text: another one where their content is another. #}
{% macro file_versions(paths) -%}
    {{ return(adapter.dispatch('file_versions', 'diorama')(paths)) }}
{%- endmacro %}

{% macro duckdb__file_versions(paths) -%}
{%- set names = [] -%}
{%- for path in paths -%}
    {%- do names.append(literal_path(path)) -%}
{%- endfor -%}
{{ return(run_query(
    "select string_agg(concat_ws(' ', filename, size, last_modified), ', ' order by filename) from read_blob(["
    ~ names | join(', ') ~ '])'
).rows[0][0]) }}
{%- endmacro %}

{% macro spark__file_versions(paths) -%}
{{ raise_usage_error("Raw files are read by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
