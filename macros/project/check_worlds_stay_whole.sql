{#
  Runs before anything is built. Where a chosen world's settings changed, all of its relations must
  be rebuilt in this invocation: a part of them would leave two worlds mixed. Other worlds stay.
#}
{% macro check_worlds_stay_whole() -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- set comments = relation_comments() -%}
    {%- set changed_worlds = selected_worlds() + ['run'] -%}
    {%- set left_out = [] -%}
    {%- for node in graph.nodes.values() -%}
        {%- set comment = comments.get((node['schema'], node['alias'])) -%}
        {%- if comment and world_of(node) in changed_worlds and node['unique_id'] not in selected_resources
            and fromjson(comment)['settings'] != settings_fingerprint(world_of(node)) -%}
            {%- do left_out.append(node['name']) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if left_out -%}
        {{ raise_usage_error(
            "Settings changed since " ~ left_out[0] ~ " was built, and this selection leaves out "
            ~ left_out | length ~ " relations of its world: two worlds would be mixed. Build it whole: "
            ~ "dbt build --select +tag:" ~ selected_worlds()[0] ~ ", or diorama build."
        ) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro %}
