{#
  All tables and views of the database: schema, name, kind, rows and bytes (none for a view, which
  holds none), and what it was built from. Bytes are those of the blocks that a table touches, so
  that small tables, which share blocks, look larger than they are.
#}
{% macro relation_facts() -%}
    {{ return(adapter.dispatch('relation_facts', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__relation_facts() -%}
{%- set query -%}
    select schema_name, table_name as relation_name, 'table' as kind, comment
    from duckdb_tables()
    where database_name = '{{ target.database }}' and not internal and not temporary
    union all
    select schema_name, view_name as relation_name, 'view' as kind, comment
    from duckdb_views()
    where database_name = '{{ target.database }}' and not internal and not temporary
    order by schema_name, relation_name
{%- endset -%}
{%- set facts = [] -%}
{%- for layer, name, kind, comment in run_query(query).rows -%}
    {%- set fact = {
        'schema': layer, 'name': name, 'kind': kind, 'rows': none, 'bytes': none,
        'memory': fromjson(comment) if comment else none,
    } -%}
    {%- if kind == 'table' -%}
        {%- set relation = api.Relation.create(schema=layer, identifier=name) -%}
        {%- set size = run_query(
            "select (select count(*) from " ~ relation ~ ") as row_count, "
            ~ "(select 262144 * count(distinct block_id) from pragma_storage_info('" ~ relation
            ~ "') where block_id >= 0) as byte_count"
        ).rows[0] -%}
        {%- do fact.update({'rows': size[0] | int, 'bytes': size[1] | int}) -%}
    {%- endif -%}
    {%- do facts.append(fact) -%}
{%- endfor -%}
{{ return(facts) }}
{%- endmacro %}

{# Bytes are not known here. The third column marks temporary views, which are listed in every schema. #}
{% macro spark__relation_facts() -%}
{%- set schemas = graph.nodes.values() | map(attribute='schema') | unique | list -%}
{%- set comments = relation_comments() -%}
{%- set facts = [] -%}
{%- for database in run_query('show databases').rows if database[0] in schemas -%}
    {%- for row in run_query('show table extended in ' ~ database[0] ~ " like '*'").rows if not row[2] -%}
        {%- set relation = api.Relation.create(schema=row[0], identifier=row[1]) -%}
        {%- set is_view = 'Type: VIEW' in row[3] -%}
        {%- set comment = comments.get((row[0], row[1])) -%}
        {%- do facts.append({
            'schema': row[0], 'name': row[1], 'kind': 'view' if is_view else 'table',
            'rows': none if is_view else run_query('select count(*) from ' ~ relation).rows[0][0] | int,
            'bytes': none, 'memory': fromjson(comment) if comment else none,
        }) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(facts | sort(attribute='schema,name')) }}
{%- endmacro %}
