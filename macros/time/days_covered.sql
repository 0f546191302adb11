{# Number of days of a world that its tables cover: from its first day to the last delivered one. #}
{% macro days_covered(world) -%}
{{ return([(last_delivered_date(world) - world_start_date(world)).days + 1, 0] | max) }}
{%- endmacro %}
