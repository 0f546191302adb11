{# The names of all worlds; also `custom`, where a file declares it. #}
{% macro worlds() -%}
{{ return(['feed', 'learning', 'shop', 'search'] + (['custom'] if declared_world() else [])) }}
{%- endmacro %}
