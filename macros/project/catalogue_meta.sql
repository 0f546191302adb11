{#
  What the YAML of a node says for the command line; of the declared world, with the product's name in
  exports, and the columns and events of its file.
#}
{% macro catalogue_meta(node) -%}
{%- set meta = fromjson(tojson(node['config'].get('meta') or {})) -%}
{%- if world_of(node) != 'custom' or not declared_world() -%}
    {{ return(meta) }}
{%- endif -%}
{%- set export = meta.get('export') -%}
{%- if export -%}
    {%- do export.update({'name': export['name'] | replace('custom/', declared_world()['folder'] ~ '/')}) -%}
    {%- if export.get('columns') -%}
        {%- set scope = 'users' if 'users' in node['name'] else 'events' -%}
        {%- do export.update({'columns': export['columns'] + (declared_columns(scope) | list)}) -%}
    {%- endif -%}
{%- endif -%}
{%- if meta.get('stream') -%}
    {%- do meta['stream'].update({'types': declared_names('events')}) -%}
{%- endif -%}
{{ return(meta) }}
{%- endmacro %}
