{#
  The first arguments of DuckDB's readers of files: their names; and whether folders (`country=SE`) hold
  values, which is so where the files lie in such a folder, and not because of one above.
#}
{% macro named_files(paths) -%}
{%- set names = [] -%}
{%- for path in paths -%}
    {%- do names.append(literal_path(path)) -%}
{%- endfor -%}
{%- set folder = paths[0].replace('\\', '/').split('/')[-2] -%}
    [{{ names | join(', ') }}], hive_partitioning = {{ 'true' if '=' in folder else 'false' }}
{%- endmacro %}
