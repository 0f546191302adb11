{#
  Whether a model belongs to a world that `worlds` leaves out, to the truth where no world is left, or to
  the experiments where nobody brings any.
#}
{% macro is_left_out(node) -%}
{%- if var('worlds', none) is none or node['resource_type'] != 'model' -%}
    {{ return(false) }}
{%- endif -%}
{%- set world, chosen = world_of(node), experiment_worlds() -%}
{%- if world == 'experiments' and layer_of(node) != 'truth' -%}
    {{ return(not chosen and not var('inputs', none)) }}
{%- endif -%}
{{ return(world not in chosen if world in worlds() else not chosen) }}
{%- endmacro %}
