{# ISO day of the week: 1 is Monday, 7 Sunday. #}
{% macro day_of_week(date) -%}
    {{ return(adapter.dispatch('day_of_week', 'diorama')(date)) }}
{%- endmacro %}

{% macro duckdb__day_of_week(date) -%}
    isodow({{ date }})
{%- endmacro %}

{% macro spark__day_of_week(date) -%}
    (weekday({{ date }}) + 1)
{%- endmacro %}
