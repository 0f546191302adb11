{# First day of a world, as a Python date. #}
{% macro world_start_date(world) -%}
{{ return(modules.datetime.datetime.strptime(setting(world ~ '_start_date'), '%Y-%m-%d').date()) }}
{%- endmacro %}

{# Day after the last day of a world, as a Python date. #}
{% macro world_end_date(world) -%}
{{ return(world_start_date(world) + modules.datetime.timedelta(days=world_days(world))) }}
{%- endmacro %}

{# Length of a world in days: long enough that nothing of the last signup's days is cut. #}
{% macro world_days(world) -%}
{%- if world == 'feed' -%}
    {{ return(setting('feed_days') + setting('feed_signup_days') + setting('feed_pre_days')) }}
{%- endif -%}
{{ return(setting(world ~ '_days')) }}
{%- endmacro %}
