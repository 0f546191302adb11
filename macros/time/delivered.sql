{# Predicate: the row was delivered (or, in generate, had happened) by the world's as_of. #}
{% macro delivered(world, column='received_at') -%}
    {{ column }} < {{ timestamp_literal(delivered_until(world)) }}
{%- endmacro %}
