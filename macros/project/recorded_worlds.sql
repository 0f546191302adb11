{#
  What each built world with an experiment was built from: settings and last delivery, by world. The
  experiments, which read all of them, remember it.
#}
{% macro recorded_worlds() -%}
{%- set comments, memories = relation_comments(), {} -%}
{%- for world in experiment_worlds() -%}
    {%- set comment = comments.get(('intermediate', 'int_' ~ world ~ '__exposures')) -%}
    {%- if comment -%}
        {%- set memory = fromjson(comment) -%}
        {%- do memories.update({world: [memory['settings'], memory['delivered_until']]}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(memories) }}
{%- endmacro %}
