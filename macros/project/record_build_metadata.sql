{#
  Post-hook of every model and seed: writes into the relation's comment what it was built from; of a
  seed, the checksum of its file; of an incremental model, also how many rows it holds. A build of a part
  of the rows (--empty, --sample) leaves no settings, so that the next build rebuilds the relation.
#}
{% macro record_build_metadata() -%}
{%- if execute -%}
    {%- set layer = layer_of(model) -%}
    {%- if layer in ('staging', 'intermediate', 'marts') -%}
        {#- what macros wrote, which check_truth_wall() could not see -#}
        {%- set read = read_behind_the_wall(model, layer, model.get('compiled_code') or '', {}) -%}
        {%- if read -%}
            {{ raise_wall_error(model, read) }}
        {%- endif -%}
    {%- endif -%}
    {%- set world = world_of(model) -%}
    {%- set memory = {} -%}
    {%- if model['resource_type'] == 'seed' -%}
        {%- do memory.update({'settings': model['checksum']['checksum']}) -%}
    {%- elif world == 'experiments' -%}
        {%- do memory.update({'worlds': recorded_worlds()}) -%}
    {%- else -%}
        {%- set values = recorded_settings(world) -%}
        {%- do memory.update({'settings': settings_fingerprint(world, values), 'values': values}) -%}
    {%- endif -%}
    {%- if model['resource_type'] == 'model' and world in worlds() -%}
        {%- do memory.update({'delivered_until': delivered_until(world) | string}) -%}
    {%- endif -%}
    {%- if model['config']['materialized'] == 'incremental' -%}
        {%- do memory.update({'rows': row_count(this)}) -%}
    {%- endif -%}
    {%- if model['resource_type'] == 'model' and is_partial_build() -%}
        {%- do memory.update({'settings': none}) -%}
    {%- endif -%}
    {{ set_relation_comment(this, model['config']['materialized'], tojson(memory)) }}
{%- endif -%}
{%- endmacro %}
