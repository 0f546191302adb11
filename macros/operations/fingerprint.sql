{#
  Run-operation. Emits for each relation, given as {schema, name}, its rows and the fingerprint of
  its content: the same whatever the order of the rows, the threads and the version of the engine.
#}
{% macro fingerprint(relations) -%}
{%- for given in relations -%}
    {%- set relation = adapter.get_relation(target.database, given['schema'], given['name']) -%}
    {%- set columns = adapter.get_columns_in_relation(relation) -%}
    {%- set row = run_query(
        'select count(*) as row_count, ' ~ content_fingerprint(columns) ~ ' as fingerprint from ' ~ relation
    ).rows[0] -%}
    {%- do emit({
        'schema': given['schema'], 'name': given['name'], 'rows': row[0] | int, 'fingerprint': row[1],
    }) -%}
{%- endfor -%}
{%- endmacro %}
