{# The raw tables of a world, as nodes of the graph. #}
{% macro raw_tables(world) -%}
{%- set nodes = [] -%}
{%- for node in graph.nodes.values() if node['resource_type'] == 'model' -%}
    {%- if layer_of(node) == 'raw' and world_of(node) == world -%}
        {%- do nodes.append(node) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(nodes) }}
{%- endmacro %}
