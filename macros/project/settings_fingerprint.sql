{#
  Fingerprint of what a world's rows depend on, except as_of: its own settings, the common ones, its
  seed files, and the SQL of its models up to staging. Relations remember it. A changed macro does
  not show in it: build with --full-refresh after changing one.
#}
{% macro settings_fingerprint(world) -%}
{%- set values = {} -%}
{%- for name in var('settings') -%}
    {%- set prefix = name.split('_')[0] -%}
    {%- set is_own = prefix == world or prefix not in worlds() -%}
    {%- if is_own and not name.endswith('as_of') -%}
        {%- do values.update({name: setting(name)}) -%}
    {%- endif -%}
{%- endfor -%}
{%- for node in graph.nodes.values() if node['resource_type'] in ('seed', 'model') -%}
    {%- if node['fqn'][1] not in ('intermediate', 'marts', 'truth')
        and (world_of(node) == world or (world_of(node) == 'run' and world != 'run')) -%}
        {%- do values.update({node['unique_id']: node['checksum']['checksum']}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(local_md5(tojson(values, sort_keys=true))) }}
{%- endmacro %}
