{#
  Runs before anything is built. Refuses a database file that is named like a schema: in it, DuckDB
  would take `raw` for the file where a query, or a view, means the schema.
#}
{% macro check_file_name() -%}
{%- if execute and flags.WHICH in ('build', 'run', 'seed') and target.type == 'duckdb' -%}
    {%- set schemas = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed']) | map(attribute='schema') | unique | list -%}
    {#- a profile of one's own has a path of its own; attached, the path is that of the first database -#}
    {%- set path = env_var('DIORAMA_DATABASE', 'diorama.duckdb') if target.path == ':memory:' else target.path -%}
    {%- set file = path.replace('\\', '/').split('/')[-1] -%}
    {%- if file.split('.')[0] | lower in schemas + ['catalogue', 'information_schema'] -%}
        {{ raise_usage_error(
            "A database file cannot be named '" ~ file ~ "', because '" ~ file.split('.')[0]
            ~ "' is the name of a schema in it. Choose another name, such as my_" ~ file ~ "."
        ) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro %}
