{# The midnight at which a day of a world, counted from 0, begins, as milliseconds after 1970-01-01. #}
{% macro epoch_ms_of_day(world, day) -%}
    {{ epoch_ms_literal(world_start_date(world) + modules.datetime.timedelta(days=day)) }}
{%- endmacro %}
