{# The directory of raw files that a world is read from instead of being generated, or none. #}
{% macro raw_directory(world) -%}
{{ return(setting(world ~ '_raw') if world ~ '_raw' in var('settings') else none) }}
{%- endmacro %}
