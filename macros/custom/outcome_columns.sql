{# Select list: the columns of events (declared_columns), each from the kinds of event that have it. #}
{% macro outcome_columns() -%}
{{ listed(declared_columns('sessions')) }}
{%- for kind in declaration()['items'] %}
        case when item_kind = {{ kind[0] }} then item_id end as {{ kind[1] }}_id,
{%- endfor %}
{%- set owners = {} -%}
{%- for property in declared_properties('events') -%}
    {%- do owners.setdefault(property['name'], []).append(property['owner']) -%}
{%- endfor -%}
{%- for name, events in owners.items() %}
        cast(
            case event_name
                {%- for event in events %}
                when '{{ event }}' then of_{{ event }}_{{ name }}
                {%- endfor %}
            end as {{ declared_columns('events')[name]['type'] }}
        ) as {{ name }},
{%- endfor %}
{%- endmacro %}
