{#
  All tables and views of the database: schema, name, kind and rows (none for a view, which holds
  none). DuckDB has a catalogue instead.
#}
{% macro relation_facts() -%}
    {{ return(adapter.dispatch('relation_facts', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__relation_facts() -%}
{{ raise_usage_error("DuckDB's tables are in the table catalogue.relations. See `diorama list`.") }}
{%- endmacro %}

{# The third column marks temporary views, which are listed in every schema. #}
{% macro spark__relation_facts() -%}
{%- set schemas = graph.nodes.values() | map(attribute='schema') | unique | list -%}
{%- set facts = [] -%}
{%- for database in run_query('show databases').rows if database[0] in schemas -%}
    {%- for row in run_query('show table extended in ' ~ database[0] ~ " like '*'").rows if not row[2] -%}
        {%- set relation = api.Relation.create(schema=row[0], identifier=row[1]) -%}
        {%- set is_view = 'Type: VIEW' in row[3] -%}
        {%- do facts.append({
            'schema': row[0], 'name': row[1], 'kind': 'view' if is_view else 'table',
            'rows': none if is_view else run_query('select count(*) from ' ~ relation).rows[0][0] | int,
        }) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(facts | sort(attribute='schema,name')) }}
{%- endmacro %}
