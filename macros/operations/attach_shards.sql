{#
  Run-operation. Makes a view over the Parquet files of each table, {schema, name, files}, under the
  name that its model has: models built after that read the shards as one.
#}
{% macro attach_shards(tables) -%}
{%- for table in tables -%}
    {%- do run_query('create schema if not exists ' ~ table['schema']) -%}
    {%- do run_query(
        'create or replace view ' ~ table['schema'] ~ '.' ~ table['name'] ~ ' as ' ~ read_files(table['files'])
    ) -%}
{%- endfor -%}
{%- endmacro %}
