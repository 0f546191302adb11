{# The names of all worlds. #}
{% macro worlds() -%}
{{ return(['feed', 'learning', 'shop', 'search']) }}
{%- endmacro %}
