{# An expression in which `name` is a value that is computed once. #}
{% macro with_value(name, value, expression) -%}
    {{ list_item(list_map(list_of([value]), name, expression), 1) }}
{%- endmacro %}
