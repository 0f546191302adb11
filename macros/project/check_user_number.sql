{# A usage error where a chosen world has no user of the number that the setting user_number asks for. #}
{% macro check_user_number() -%}
{%- set number = setting('user_number') -%}
{%- for world in selected_worlds() if number is not none and world ~ '_users' in var('settings') -%}
    {%- if number >= user_count(world) -%}
        {{ raise_usage_error(
            "Setting 'user_number' is " ~ number ~ ", but must be below the " ~ user_count(world)
            ~ " users of the " ~ world ~ " world: users count from 0."
        ) }}
    {%- endif -%}
{%- endfor -%}
{%- endmacro %}
