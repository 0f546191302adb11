{# The paths of the files below a directory that match one of some patterns, in order. #}
{% macro found_files(directory, patterns) -%}
    {{ return(adapter.dispatch('found_files', 'diorama')(directory, patterns)) }}
{%- endmacro %}

{% macro duckdb__found_files(directory, patterns) -%}
{%- set named = [] -%}
{%- for pattern in patterns -%}
    {%- do named.append(literal_path(directory ~ '/') ~ "|| '" ~ pattern ~ "'") -%}
{%- endfor -%}
{%- set files = run_query('select file from glob([' ~ named | join(', ') ~ '])').columns[0].values() -%}
{{ return(files | unique | sort | list) }}
{%- endmacro %}

{% macro spark__found_files(directory, patterns) -%}
{{ raise_usage_error("Raw files are read by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
