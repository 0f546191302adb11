{#
  The world that a node of the graph belongs to: the folder below its layer (of a seed, its folder);
  'run' for what all worlds share, such as gen__run.
#}
{% macro world_of(node) -%}
{%- set folder = node['fqn'][1] if node['resource_type'] == 'seed' else node['fqn'][2] -%}
{{ return(folder if folder in worlds() else 'run') }}
{%- endmacro %}
