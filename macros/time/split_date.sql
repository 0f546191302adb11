{#
  The first day of a world that lies behind the given share of the days that its tables cover, as a
  Python date: where a split by date ends.
#}
{% macro split_date(world, share) -%}
{%- set covered = (last_delivered_date(world) - world_start_date(world)).days + 1 -%}
{{ return(world_start_date(world) + modules.datetime.timedelta(days=(covered * share) | round | int)) }}
{%- endmacro %}
