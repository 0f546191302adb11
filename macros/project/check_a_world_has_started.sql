{# A usage error where every chosen world starts after its as_of, so that nothing could be built. #}
{% macro check_a_world_has_started() -%}
{%- set chosen = selected_worlds() -%}
{%- set starts = [] -%}
{%- for world in chosen if delivered_until(world) <= world_start_date(world) -%}
    {%- do starts.append(world ~ ' starts on ' ~ world_start_date(world)) -%}
{%- endfor -%}
{%- if chosen and starts | length == chosen | length -%}
    {{ raise_usage_error(
        "Setting 'as_of' lies before the start of every chosen world (" ~ starts | join(', ')
        ~ "). Give a later as_of, or leave it out for everything."
    ) }}
{%- endif -%}
{%- endmacro %}
