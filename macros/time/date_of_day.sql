{# The date of a day of a world, counted from 0 at its start; an expression gives the day. #}
{% macro date_of_day(world, day) -%}
    {{ add_days("date '" ~ world_start_date(world) ~ "'", day) }}
{%- endmacro %}
