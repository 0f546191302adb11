{# Select list: declared columns as a careless tracker writes them (dirty_category). #}
{% macro dirty_properties(scope) -%}
{%- for name, column in declared_columns(scope).items() %}
        {{ dirty_category(name, 'kind') if column['values'] else name }} as {{ name }},
{%- endfor %}
{%- endmacro %}
