{# Select list: declared columns as staging has them, categories in their documented spelling. #}
{% macro clean_properties(scope) -%}
{%- for name, column in declared_columns(scope).items() %}
        {{ clean_category(name, column['values']) if column['values'] else name }} as {{ name }},
{%- endfor %}
{%- endmacro %}
