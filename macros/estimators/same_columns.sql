{# Expression: two relations agree in these columns, for the condition of a join. #}
{% macro same_columns(left, right, columns) -%}
{%- for column in columns -%}
{{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
