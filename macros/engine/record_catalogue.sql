{#
  Statements of the end of a run: write the table catalogue.relations, one row per model and seed of this
  project, built or not. With what record_build_metadata() wrote of a relation, it is all that the command
  line needs to read a database without dbt. Other engines' tables are read by dbt alone.
#}
{% macro record_catalogue() -%}
{%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
    {{ return(adapter.dispatch('record_catalogue', 'diorama')()) }}
{%- endif -%}
{%- endmacro %}

{% macro duckdb__record_catalogue() -%}
{%- set keys, rows = keys_of_relations(), [] -%}
{%- for id, node in graph.nodes.items()
    if node['package_name'] == 'diorama' and node['resource_type'] in ('model', 'seed') -%}
    {%- set parents, columns = [], {} -%}
    {%- for parent in node['depends_on']['nodes'] if parent in graph.nodes -%}
        {%- do parents.append(graph.nodes[parent]['name']) -%}
    {%- endfor -%}
    {%- for name, column in node['columns'].items() -%}
        {%- do columns.update({name: column['description'].split() | join(' ')}) -%}
    {%- endfor -%}
    {%- set facts = [
        node['name'], node['resource_type'], node['schema'], world_of(node),
        node['description'].split() | join(' '), tojson(columns), tojson(keys.get(id, [])), tojson(parents),
        tojson(catalogue_meta(node)),
    ] -%}
    {%- set literals = [] -%}
    {%- for fact in facts -%}
        {%- do literals.append("'" ~ fact | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {%- do rows.append('(' ~ literals | join(', ') ~ ')') -%}
{%- endfor -%}
create schema if not exists catalogue;
create or replace table catalogue.relations as
select
    *,
    '{{ dbt_version }}' as dbt_version,
    version() as duckdb_version
from (values {{ rows | join(', ') }}) as relations (
    name, kind, layer, world, description, columns, key, parents, meta
);
{%- if declared_world() %}
create or replace table catalogue.declared_world as
select {{ sql_literal(tojson(declared_world())) }} as declaration;
{%- endif -%}
{%- endmacro %}

{% macro spark__record_catalogue() -%}
{%- endmacro %}
