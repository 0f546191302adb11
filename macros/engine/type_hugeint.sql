{# Name of a type of whole numbers of at least 37 digits, for exact sums of squares. #}
{% macro type_hugeint() -%}
    {{ return(adapter.dispatch('type_hugeint', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__type_hugeint() -%}
    hugeint
{%- endmacro %}

{% macro spark__type_hugeint() -%}
    decimal(38, 0)
{%- endmacro %}
