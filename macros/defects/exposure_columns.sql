{# The columns of an exposure log. #}
{% macro exposure_columns() -%}
{{ return([
    'experiment_id', 'unit_id', 'variant', 'assignment_probability', 'assigned_at', 'exposed_at',
    'received_at',
]) }}
{%- endmacro %}
