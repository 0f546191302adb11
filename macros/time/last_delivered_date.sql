{# The last day of a world that its tables cover: that of as_of, or the world's last day. #}
{% macro last_delivered_date(world) -%}
{%- set end = [delivered_until(world), world_end_date(world)] | min -%}
{{ return(end - modules.datetime.timedelta(days=1)) }}
{%- endmacro %}
