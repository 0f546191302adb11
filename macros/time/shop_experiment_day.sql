{# Day of the shop world, from 0, on which the experiment starts: the setting, or half of the days. #}
{% macro shop_experiment_day() -%}
{%- set given = setting('shop_experiment_day') -%}
{{ return(setting('shop_days') // 2 if given is none else given) }}
{%- endmacro %}
