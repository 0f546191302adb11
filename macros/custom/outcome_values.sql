{# Select list: the properties of sessions, and those of events by event and name, from their draws. #}
{% macro outcome_values() -%}
{%- for property in declared_properties('sessions') %}
        cast(
            {{ property_value(property, 'picked.draw_sessions_' ~ property['name'], 'picked.segment_number') }}
            as {{ declared_columns('sessions')[property['name']]['type'] }}
        ) as {{ property['name'] }},
{%- endfor %}
{%- for property in declared_properties('events') if property['method'] != 'expression' %}
    {%- set column = property['owner'] ~ '_' ~ property['name'] %}
        {{ property_value(property, 'picked.draw_events_' ~ column, 'picked.segment_number') }} as of_{{ column }},
{%- endfor %}
{%- endmacro %}
