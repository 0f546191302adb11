{#
  The layer of a node of the graph: of a model the folder below models, of a seed `analysis` (what an
  analyst may know) or `seeds`, of a test that of the model it is attached to, else `marts`; none of a
  test that joins the group generator, or is attached to one of its models, to compare with the truth.
#}
{% macro layer_of(node) -%}
{%- if node['package_name'] != 'diorama' -%}
    {{ return(none) }}
{%- elif node['resource_type'] == 'seed' -%}
    {{ return('analysis' if node['fqn'][1] == 'analysis' else 'seeds') }}
{%- elif node['resource_type'] == 'test' -%}
    {%- set attached = graph.nodes.get(node.get('attached_node')) -%}
    {%- if 'generator' in (node['config'].get('group'), attached['config'].get('group') if attached else none) -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(layer_of(attached) if attached else 'marts') }}
{%- endif -%}
{{ return(node['fqn'][1]) }}
{%- endmacro %}
