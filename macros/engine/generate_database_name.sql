{#
  dbt override: the target's database. Refuses a file that dbt, which takes the name for that of a
  database, would miss or misread; attached under another name, as `diorama` does, it may have any.
#}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
{%- set path = target.path if target.type == 'duckdb' else none -%}
{%- if path and path != ':memory:' and not path.startswith('md:') -%}
    {%- set name = path.replace('\\', '/').split('/')[-1].split('.')[0] -%}
    {%- if name != target.database or name | lower in ['main', 'temp', 'system', 'information_schema']
        or "'" in name or '"' in name -%}
        {{ raise_usage_error(
            "dbt takes the name of " ~ path ~ " for something else. Add --target attached, use diorama build"
            ~ " --database, or give a name of letters, digits and _, in a directory without # and ?."
        ) }}
    {%- endif -%}
{%- endif -%}
{{ return(dbt.generate_database_name(custom_database_name, node)) }}
{%- endmacro %}
