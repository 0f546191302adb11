{# Predicate: a declared category of the row is none that was declared. #}
{% macro lacks_category(scope) -%}
    false
    {%- for name, column in declared_columns(scope).items() if column['values'] %}
                or {{ name }} is null
    {%- endfor %}
{%- endmacro %}
