{#
  The world that a node of the graph belongs to: the folder below its layer; 'run' for gen__run,
  which all worlds share.
#}
{% macro world_of(node) -%}
{{ return(node['fqn'][2] if node['fqn'] | length > 3 else 'run') }}
{%- endmacro %}
