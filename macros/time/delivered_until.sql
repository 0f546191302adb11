{#
  The midnight before which a row must be delivered to be in the tables, as a Python date: that
  after as_of, or the end of the world's last possible delivery, which raw files do not have.
#}
{% macro delivered_until(world) -%}
{%- set one_day = modules.datetime.timedelta(days=1) -%}
{#- two days more than the longest delay, because the last session may run past midnight -#}
{%- set everything = modules.datetime.date.max if raw_directory(world)
    else world_end_date(world) + modules.datetime.timedelta(days=setting('late_max_days') + 2) -%}
{%- set as_of = setting(world ~ '_as_of') or setting('as_of') -%}
{%- if as_of is none -%}
    {{ return(everything) }}
{%- endif -%}
{%- set midnight = modules.datetime.datetime.strptime(as_of, '%Y-%m-%d').date() + one_day -%}
{{ return(midnight if midnight < everything else everything) }}
{%- endmacro %}
