{# Length of a world in days: long enough that nothing of the last signup's days is cut. #}
{% macro world_days(world) -%}
{%- if world == 'feed' -%}
    {{ return(setting('feed_days') + setting('feed_signup_days') + setting('feed_pre_days')) }}
{%- endif -%}
{{ return(setting(world ~ '_days')) }}
{%- endmacro %}
