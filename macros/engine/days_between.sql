{# Number of midnights from the first date or timestamp to the second, as BIGINT; null stays null. #}
{% macro days_between(first, second) -%}
    {{ return(adapter.dispatch('days_between', 'diorama')(first, second)) }}
{%- endmacro %}

{% macro duckdb__days_between(first, second) -%}
    {{ dbt.datediff(first, second, 'day') }}
{%- endmacro %}

{# dbt.datediff() raises an error on null here. #}
{% macro spark__days_between(first, second) -%}
    cast(datediff({{ second }}, {{ first }}) as bigint)
{%- endmacro %}
