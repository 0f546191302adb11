{# The name of a raw table's file: that of its export without the world, else what follows the world in its own. #}
{% macro raw_file_name(node) -%}
{%- set export = node['config']['meta'].get('export') -%}
{{ return(export['name'].split('/')[1] if export else node['name'].split('__')[1]) }}
{%- endmacro %}
