{# Day of the learning world, from 0, on which the experiment starts: the setting, or half of the days. #}
{% macro learning_experiment_day() -%}
{%- set given = setting('learning_experiment_day') -%}
{{ return(setting('learning_days') // 2 if given is none else given) }}
{%- endmacro %}
