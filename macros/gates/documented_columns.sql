{# The documented columns of an exported table of the learning world, in order, by its name. #}
{% macro documented_columns(name) -%}
{%- for node in graph.nodes.values() if node['resource_type'] == 'model' -%}
    {%- set declared = node['config']['meta'].get('export') or {} -%}
    {%- if declared.get('name') == 'learning/' ~ name -%}
        {{ return(declared.get('columns') or node['columns'].keys() | list) }}
    {%- endif -%}
{%- endfor -%}
{%- endmacro %}
