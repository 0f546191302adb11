{#
  Runs before anything is built. Where a chosen world's settings, as_of or seed files changed, all of
  its relations, and the experiments, must be rebuilt in this invocation: a part of them would leave
  two worlds mixed. Other worlds stay.
#}
{% macro check_worlds_stay_whole() -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- set comments = relation_comments() -%}
    {%- set changed_worlds = selected_worlds() + ['run', 'experiments'] -%}
    {%- set left_out = [] -%}
    {%- for node in graph.nodes.values() if node['unique_id'] not in selected_resources -%}
        {%- set comment = comments.get((node['schema'], node['alias'])) -%}
        {%- if comment and world_of(node) in changed_worlds and not is_up_to_date(node, fromjson(comment)) -%}
            {%- do left_out.append(node['name']) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for world in selected_worlds() if left_out and raw_directory(world) -%}
        {{ raise_usage_error(
            "The database holds a " ~ world ~ " world that was generated or read from other files, and its "
            ~ left_out | length ~ " other relations, such as " ~ left_out[0] ~ ", would be mixed with those of the"
            ~ " raw files. Give another with --database, or build all of it."
        ) }}
    {%- endfor -%}
    {%- if left_out -%}
        {%- set selection = ' --select +tag:' ~ selected_worlds()[0] ~ ' tag:experiments' if selected_worlds() else '' -%}
        {{ raise_usage_error(
            "Settings, as_of or seed files changed since " ~ left_out[0] ~ " was built, or it was built with"
            ~ " --empty or --sample, and this selection"
            ~ " leaves out " ~ left_out | length ~ " relations of its world: two worlds would be mixed."
            ~ " Build it whole: dbt build" ~ selection ~ ", or diorama build."
        ) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro %}
