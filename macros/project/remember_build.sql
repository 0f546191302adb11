{# Post-hook of every model: writes into the relation's comment what it was built from. #}
{% macro remember_build() -%}
{%- if execute -%}
    {%- set world = world_of(model) -%}
    {%- set memory = {'settings': settings_fingerprint(world), 'values': remembered_settings(world)} -%}
    {%- if world in worlds() -%}
        {%- do memory.update({'delivered_until': delivered_until(world) | string}) -%}
    {%- endif -%}
    {{ set_relation_comment(this, model['config']['materialized'], tojson(memory)) }}
{%- endif -%}
{%- endmacro %}
