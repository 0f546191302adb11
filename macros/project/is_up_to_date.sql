{#
  Whether a relation was built from the present settings of its world, as of the present as_of, by
  what it remembers; a seed, whether it holds the present file; an experiment, whether it read the
  present rows of the selected worlds.
#}
{% macro is_up_to_date(node, memory) -%}
{%- set world = world_of(node) -%}
{%- if node['resource_type'] == 'seed' -%}
    {{ return(memory['settings'] == node['checksum']['checksum']) }}
{%- endif -%}
{%- if world == 'experiments' -%}
    {%- for chosen in selected_worlds() if chosen in memory['worlds'] -%}
        {%- if memory['worlds'][chosen] != [settings_fingerprint(chosen), delivered_until(chosen) | string] -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{%- endif -%}
{{ return(
    memory['settings'] == settings_fingerprint(world)
    and (world not in worlds() or memory['delivered_until'] == delivered_until(world) | string)
) }}
{%- endmacro %}
