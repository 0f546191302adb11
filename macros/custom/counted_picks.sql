{# Relation: how often the first item of a kind was picked, and the first ten, by segment. #}
{% macro counted_picks() -%}
{%- for kind in declaration()['items'] %}
    {%- set picking = declaration()['events'] | selectattr(4, 'equalto', kind[0]) | map(attribute=1) | list %}
    {%- for first in (1, 10) %}
    select
        'items.{{ kind[1] }}.popularity.{{ first }}' as subject,
        segment_number,
        case
            when cast(replace({{ kind[1] }}_id, '{{ kind[1] }}_', '') as bigint) <= {{ first }} then 'first'
            else 'others'
        end as drawn_value,
        count(*) as draw_count
    from events
    where event_name in ('{{ picking | join("', '") }}')
    group by segment_number, drawn_value
    union all
    {%- endfor %}
{%- endfor %}
    select '' as subject, 0 as segment_number, '' as drawn_value, 0 as draw_count where false
{%- endmacro %}
