{#
  Number of units that the plan of a world's experiment counts on: its users; in search, where nobody
  signs up, the cookies of anonymous sessions and the known users, of whom at most one comes per session.
  Made of settings alone, so that it is the same however many days have gone by.
#}
{% macro planned_units(world) -%}
{%- if world != 'search' -%}
    {{ return([(setting(world ~ '_users') * setting('scale')) | round | int, 1] | max) }}
{%- endif -%}
{%- set sessions = setting('search_sessions_per_day') * setting('scale') * setting('search_days') -%}
{%- set anonymous = sessions * setting('search_anonymous_rate') -%}
{%- set known = [setting('search_user_pool_size'), sessions - anonymous] | min -%}
{{ return([(anonymous + known) | round | int, 1] | max) }}
{%- endmacro %}
