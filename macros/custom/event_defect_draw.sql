{# The draw, 0–1, that decides on the defect of an event; below defect_rate, it has one. #}
{% macro event_defect_draw(event_key) -%}
    {{ uniform(event_key, 'custom.events.defect') }}
{%- endmacro %}
