{# First day of a world, as a Python date. #}
{% macro world_start_date(world) -%}
{{ return(modules.datetime.datetime.strptime(setting(world ~ '_start_date'), '%Y-%m-%d').date()) }}
{%- endmacro %}
