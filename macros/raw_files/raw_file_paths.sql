{#
  The paths of a raw table's files in the directory that its world is read from, as `diorama export` names
  them: in a folder of the world or not, in one piece or in folders `column=value`, by the export name or, as a
  table without one, by the table's own.
#}
{% macro raw_file_paths(node) -%}
{%- set world = world_of(node) -%}
{%- set patterns, paths = [], [] -%}
{%- for folder in ('', 'raw/', world ~ '/', world ~ '/raw/') -%}
    {%- for name in (raw_file_name(node), node['name']) -%}
        {%- do patterns.extend([folder ~ name ~ '.*', folder ~ name ~ '/*=*/*.*']) -%}
    {%- endfor -%}
{%- endfor -%}
{%- for path in found_files(raw_directory(world), patterns)
    if modules.re.search('\\.(csv|jsonl|parquet)(\\.gz|\\.zst)?$', path) -%}
    {%- do paths.append(path.replace('\\', '/')) -%}
{%- endfor -%}
{{ return(paths) }}
{%- endmacro %}
