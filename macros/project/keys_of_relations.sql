{# The columns that name a row of each relation, by its id in the graph: those of its tests for uniqueness. #}
{% macro keys_of_relations() -%}
{%- set keys = {} -%}
{%- for node in graph.nodes.values() if node['resource_type'] == 'test' and node.get('test_metadata') -%}
    {%- set test, relation = node['test_metadata'], node['attached_node'] -%}
    {%- if test['name'] == 'well_formed' -%}
        {%- set key = test['kwargs']['unique'][0] -%}
        {%- do keys.update({relation: [key] if key is string else key}) -%}
    {%- elif test['name'] == 'unique_combination' and relation not in keys -%}
        {%- do keys.update({relation: test['kwargs']['columns']}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(keys) }}
{%- endmacro %}
