{# Statement that opens another database file for reading, under an alias. #}
{% macro attach_database(path, alias) -%}
    {{ return(adapter.dispatch('attach_database', 'diorama')(path, alias)) }}
{%- endmacro %}

{% macro duckdb__attach_database(path, alias) -%}
    attach if not exists '{{ path | replace("'", "''") }}' as {{ alias }} (read_only)
{%- endmacro %}

{% macro spark__attach_database(path, alias) -%}
{{ raise_usage_error("Databases are compared by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
