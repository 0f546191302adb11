{# The comments of all tables and views of the database, by (schema, name). #}
{% macro relation_comments() -%}
    {{ return(adapter.dispatch('relation_comments', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__relation_comments() -%}
{%- set query -%}
    select schema_name, table_name as relation_name, comment
    from duckdb_tables()
    where database_name = '{{ target.database }}' and comment is not null
    union all
    select schema_name, view_name as relation_name, comment
    from duckdb_views()
    where database_name = '{{ target.database }}' and comment is not null
{%- endset -%}
{%- set comments = {} -%}
{%- for row in run_query(query).rows -%}
    {%- do comments.update({(row[0], row[1]): row[2]}) -%}
{%- endfor -%}
{{ return(comments) }}
{%- endmacro %}
