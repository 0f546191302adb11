{# The last day of a world that its tables cover: that of as_of, or the world's last day. #}
{% macro last_delivered_date(world) -%}
{%- set delivered, end = delivered_until(world), world_end_date(world) -%}
{{ return((delivered if delivered < end else end) - modules.datetime.timedelta(days=1)) }}
{%- endmacro %}
