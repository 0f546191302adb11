{# Select list: the properties of events that are computed of others. #}
{% macro outcome_expressions() -%}
{%- for property in declared_properties('events') if property['method'] == 'expression' %}
        case when event_name = '{{ property['owner'] }}' then {{ event_expression(property) }} end
            as of_{{ property['owner'] }}_{{ property['name'] }},
{%- endfor %}
{%- endmacro %}
