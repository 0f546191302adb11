{# The names of all worlds. #}
{% macro worlds() -%}
{{ return(['feed', 'learning', 'search']) }}
{%- endmacro %}
