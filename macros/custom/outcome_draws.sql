{# Select list: the draws of the properties of sessions and events, of an event only where it is of the kind. #}
{% macro outcome_draws() -%}
{%- for property in declared_properties('sessions') if property['method'] != 'expression' %}
        {{ property_draw(property, 'keyed.session_key') }} as draw_sessions_{{ property['name'] }},
{%- endfor %}
{%- for property in declared_properties('events') if property['method'] != 'expression' %}
        case
            when keyed.event_name = '{{ property['owner'] }}' then {{ property_draw(property, 'keyed.event_key') }}
        end as draw_events_{{ property['owner'] }}_{{ property['name'] }},
{%- endfor %}
{%- endmacro %}
