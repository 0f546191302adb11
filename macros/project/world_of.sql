{#
  The world that a node of the graph belongs to: the folder below its layer (of a seed, its folder);
  'experiments' for what reads all worlds, 'run' for what they share, such as gen__run.
#}
{% macro world_of(node) -%}
{%- set folder = node['fqn'][1] if node['resource_type'] == 'seed' else node['fqn'][2] -%}
{{ return(folder if folder in worlds() + ['experiments'] else 'run') }}
{%- endmacro %}
