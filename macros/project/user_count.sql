{# Number of users of a world: its setting times scale, at least one. #}
{% macro user_count(world) -%}
{{ return([(setting(world ~ '_users') * setting('scale')) | round | int, 1] | max) }}
{%- endmacro %}
