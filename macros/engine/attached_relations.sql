{# The tables and views of an attached database, as {schema: {name: kind}}. #}
{% macro attached_relations(alias) -%}
    {{ return(adapter.dispatch('attached_relations', 'diorama')(alias)) }}
{%- endmacro %}

{% macro duckdb__attached_relations(alias) -%}
{%- set query -%}
    select schema_name, table_name as relation_name, 'table' as kind
    from duckdb_tables()
    where database_name = '{{ alias }}' and not internal
    union all
    select schema_name, view_name as relation_name, 'view' as kind
    from duckdb_views()
    where database_name = '{{ alias }}' and not internal
{%- endset -%}
{%- set relations = {} -%}
{%- for row in run_query(query).rows -%}
    {%- do relations.setdefault(row[0], {}).update({row[1]: row[2]}) -%}
{%- endfor -%}
{{ return(relations) }}
{%- endmacro %}

{% macro spark__attached_relations(alias) -%}
{{ raise_usage_error("Databases are compared by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
