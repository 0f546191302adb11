{# The day of a world, counted from 0 at its start, of a date or timestamp; a BIGINT. #}
{% macro day_of_date(world, date) -%}
    {{ days_between(timestamp_literal(world_start_date(world)), date) }}
{%- endmacro %}
