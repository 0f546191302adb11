{# A Jinja number as a DOUBLE literal: without an exponent engines would read a DECIMAL. #}
{% macro double_literal(x) -%}
    {{ x }}{{ '' if 'e' in x | string else 'e0' }}
{%- endmacro %}
