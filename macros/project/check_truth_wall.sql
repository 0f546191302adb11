{#
  Runs before anything is built: a usage error where a model, test or exposure of this project reads what
  lies behind the truth wall, by ref() or by name in its SQL. What a macro writes into SQL is seen in
  record_build_metadata(), when it is compiled.
#}
{% macro check_truth_wall() -%}
{%- if execute -%}
    {%- set relations = relations_by_layer() -%}
    {%- for node in graph.nodes.values() if node['package_name'] == 'diorama' and node['resource_type'] in ('model', 'test') -%}
        {%- set layer = layer_of(node) -%}
        {%- for parent in node['depends_on']['nodes'] if parent in graph.nodes and layers_behind(layer) -%}
            {%- if layer_of(graph.nodes[parent]) in layers_behind(layer) -%}
                {{ raise_wall_error(node, graph.nodes[parent]['name'] ~ ' of the layer ' ~ layer_of(graph.nodes[parent])) }}
            {%- endif -%}
        {%- endfor -%}
        {%- if layer in ('raw', 'staging', 'intermediate', 'marts') -%}
            {%- set read = read_behind_the_wall(node, layer, node.get('raw_code') or '', relations) -%}
            {%- if read -%}
                {{ raise_wall_error(node, read) }}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for exposure in graph.exposures.values() if exposure['package_name'] == 'diorama' -%}
        {%- for parent in exposure['depends_on']['nodes'] if parent in graph.nodes -%}
            {%- if layer_of(graph.nodes[parent]) in layers_behind('exposure') -%}
                {{ raise_wall_error(exposure, graph.nodes[parent]['name'] ~ ' of the layer ' ~ layer_of(graph.nodes[parent])) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro %}
