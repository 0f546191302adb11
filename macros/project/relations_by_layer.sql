{# The names of all models by layer. #}
{% macro relations_by_layer() -%}
{%- set names = {} -%}
{%- for node in graph.nodes.values() if node['package_name'] == 'diorama' and node['resource_type'] == 'model' -%}
    {%- do names.setdefault(layer_of(node), []).append(node['name']) -%}
{%- endfor -%}
{{ return(names) }}
{%- endmacro %}
