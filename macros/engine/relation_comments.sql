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

{# The table properties that set_relation_comment wrote, in the schemas of this project. #}
{% macro spark__relation_comments() -%}
{%- set schemas = graph.nodes.values() | map(attribute='schema') | unique | list -%}
{%- set comments = {} -%}
{%- for database in run_query('show databases').rows if database[0] in schemas -%}
    {%- for row in run_query('show table extended in ' ~ database[0] ~ " like '*'").rows -%}
        {%- set found = modules.re.search('diorama\\.build=(.*?);[,\\]]', row[3]) -%}
        {%- if found -%}
            {%- do comments.update({(row[0], row[1]): found.group(1) | replace('~', 'e') | replace('^', 'r')}) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(comments) }}
{%- endmacro %}
