{# The draw, 0–1, that decides on the defect of an event of the learning world; below defect_rate, it has one. #}
{% macro learning_defect_draw(event_key) -%}
    {{ uniform(event_key, 'learning.events.defect') }}
{%- endmacro %}
