{# Runs before anything is built: the first and the last moment of every world can be held. #}
{% macro check_dates() -%}
{%- for world in worlds() -%}
    {%- set longest = modules.datetime.timedelta(days=setting('late_max_days')) -%}
    {%- if (world_end_date(world) + longest) | string > '2262-01-01' -%}
        {{ raise_usage_error(
            "Setting '" ~ world ~ "_start_date' is " ~ world_start_date(world) ~ ", and the last of its "
            ~ world_days(world) ~ " days, or a delivery up to " ~ setting('late_max_days')
            ~ " days late, falls after 2261-12-31. Give an earlier start or fewer days."
        ) }}
    {%- endif -%}
{%- endfor -%}
{%- set history = modules.datetime.timedelta(days=setting('shop_history_max_days')) -%}
{%- if (world_start_date('shop') - history) | string < '1970-01-02' -%}
    {{ raise_usage_error(
        "Setting 'shop_start_date' is " ~ world_start_date('shop') ~ ", and the "
        ~ setting('shop_history_max_days') ~ " days of shop_history_max_days before it begin before "
        ~ "1970-01-02. Give a later start or a shorter history."
    ) }}
{%- endif -%}
{%- endmacro %}
