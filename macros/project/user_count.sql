{# The number of users of a world: its setting times scale, at least one. #}
{% macro user_count(world) -%}
{%- set users = [(setting(world ~ '_users') * setting('scale')) | round | int, 1] | max -%}
{#- the bits that pack_event_id() keeps for the user -#}
{%- if users > 4294967296 -%}
    {{ raise_usage_error(
        "Settings '" ~ world ~ "_users' times 'scale' make " ~ users
        ~ " users, but must make at most 4294967296. Give a smaller scale."
    ) }}
{%- endif -%}
{{ return(users) }}
{%- endmacro %}
