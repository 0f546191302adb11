{# ISO day of the week: 1 is Monday, 7 Sunday. #}
{% macro day_of_week(date) -%}
    {{ return(adapter.dispatch('day_of_week', 'diorama')(date)) }}
{%- endmacro %}

{% macro duckdb__day_of_week(date) -%}
    isodow({{ date }})
{%- endmacro %}

{# 0001-01-01 is a Monday. Sail's weekday() is -1 on Sundays. #}
{% macro spark__day_of_week(date) -%}
    (datediff({{ date }}, date '0001-01-01') % 7 + 1)
{%- endmacro %}
