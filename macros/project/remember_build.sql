{#
  Post-hook of every model and seed: writes into the relation's comment what it was built from; of a
  seed, the checksum of its file.
#}
{% macro remember_build() -%}
{%- if execute -%}
    {%- set world = world_of(model) -%}
    {%- set memory = {} -%}
    {%- if model['resource_type'] == 'seed' -%}
        {%- do memory.update({'settings': model['checksum']['checksum']}) -%}
    {%- elif world == 'experiments' -%}
        {%- do memory.update({'worlds': remembered_worlds()}) -%}
    {%- else -%}
        {%- do memory.update({'settings': settings_fingerprint(world), 'values': remembered_settings(world)}) -%}
    {%- endif -%}
    {%- if model['resource_type'] == 'model' and world in worlds() -%}
        {%- do memory.update({'delivered_until': delivered_until(world) | string}) -%}
    {%- endif -%}
    {{ set_relation_comment(this, model['config']['materialized'], tojson(memory)) }}
{%- endif -%}
{%- endmacro %}
