{#
  Run-operation. Writes whole tables, each {schema, name, path}, to Parquet with their own types (a sum of
  128 bits as a decimal), and emits rows and content fingerprint of each.
#}
{% macro export_shard(tables) -%}
{%- for table in tables -%}
    {%- set relation = adapter.get_relation(target.database, table['schema'], table['name']) -%}
    {%- set columns = adapter.get_columns_in_relation(relation) -%}
    {%- set row = run_query(
        'select count(*) as row_count, ' ~ content_fingerprint(columns) ~ ' as fingerprint from ' ~ relation
    ).rows[0] -%}
    {%- set expressions = [] -%}
    {%- for column in columns -%}
        {%- set name = adapter.quote(column.name) -%}
        {%- do expressions.append(
            exact_decimal(name) ~ ' as ' ~ name if column.dtype | lower == 'hugeint' else name
        ) -%}
    {%- endfor -%}
    {%- do run_query(copy_to_file(
        'select ' ~ expressions | join(', ') ~ ' from ' ~ relation, table['path'], 'parquet', 'zstd'
    )) -%}
    {%- do emit({
        'schema': table['schema'], 'name': table['name'], 'path': table['path'],
        'rows': row[0] | int, 'fingerprint': row[1],
    }) -%}
{%- endfor -%}
{%- endmacro %}
