{#
  Fingerprint of what a world's rows depend on, except as_of: its own settings, the common ones, its
  own seed files, the SQL of its models up to staging, and the raw files that are read. Relations remember it. A changed macro does
  not show in it: build with --full-refresh after changing one.
#}
{% macro settings_fingerprint(world, settings=none) -%}
{%- set values = {} -%}
{%- for name, value in (settings or recorded_settings(world)).items() if not name.endswith('as_of') -%}
    {%- do values.update({name: value}) -%}
{%- endfor -%}
{%- if execute and values.get(world ~ '_raw') -%}
    {%- do values.update({'raw_files': raw_file_versions(world)}) -%}
{%- endif -%}
{%- if world == 'custom' -%}
    {%- do values.update({'declared_world': declared_world()}) -%}
{%- endif -%}
{%- set other_worlds = worlds() | reject('equalto', world) | list -%}
{%- for node in graph.nodes.values()
    if node['resource_type'] in ('seed', 'model')
    and node['fqn'][1] not in ('analysis', 'intermediate', 'marts', 'truth') -%}
    {%- if not node['fqn'] | select('in', other_worlds) | list -%}
        {%- do values.update({node['unique_id']: node['checksum']['checksum']}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(local_md5(tojson(values, sort_keys=true))) }}
{%- endmacro %}
