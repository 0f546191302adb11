{# Day after the last day of a world, as a Python date. #}
{% macro world_end_date(world) -%}
{{ return(world_start_date(world) + modules.datetime.timedelta(days=world_days(world))) }}
{%- endmacro %}
