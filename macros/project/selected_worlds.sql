{# The worlds of which this dbt invocation selects a model. #}
{% macro selected_worlds() -%}
{%- set chosen = [] -%}
{%- for node in graph.nodes.values() if node['unique_id'] in selected_resources -%}
    {%- if node['resource_type'] == 'model' and world_of(node) in worlds() -%}
        {%- do chosen.append(world_of(node)) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(chosen | unique | list) }}
{%- endmacro %}
