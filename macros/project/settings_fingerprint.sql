{#
  Fingerprint of everything that a world's rows depend on, except as_of: its own settings, the
  common ones, and the content of its seed files. Relations remember it.
#}
{% macro settings_fingerprint(world) -%}
{%- set values = {} -%}
{%- for name in var('settings') -%}
    {%- set prefix = name.split('_')[0] -%}
    {%- set is_own = prefix == world or prefix not in worlds() -%}
    {%- set is_of_run = name in ('seed', 'root_key') -%}
    {%- if (is_of_run or (is_own and world != 'run')) and not name.endswith('as_of') -%}
        {%- do values.update({name: setting(name)}) -%}
    {%- endif -%}
{%- endfor -%}
{%- for node in graph.nodes.values() -%}
    {%- if node['resource_type'] == 'seed' and world_of(node) in (world, 'run') and world != 'run' -%}
        {%- do values.update({node['unique_id']: node['checksum']['checksum']}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(local_md5(tojson(values, sort_keys=true))) }}
{%- endmacro %}
