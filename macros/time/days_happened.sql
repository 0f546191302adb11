{# Number of days of a world that lie before its as_of is over: their events have happened. #}
{% macro days_happened(world) -%}
{%- set happened = (delivered_until(world) - world_start_date(world)).days -%}
{{ return([[happened, world_days(world)] | min, 0] | max) }}
{%- endmacro %}
