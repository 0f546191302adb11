{# Relation: of each declared category, how often it was drawn, by segment: of `users`, `sessions`, `items`, `events`. #}
{% macro counted_properties() -%}
{%- for property in declaration()['properties'] if property['method'] == 'categories' %}
    {%- set scope, owner, name = property['scope'], property['owner'], property['name'] %}
    {%- set path = scope ~ '_have.' ~ name if owner is none else scope ~ '.' ~ owner ~ '.has.' ~ name %}
    select
        '{{ path }}' as subject,
        segment_number,
        {{ name }} as drawn_value,
        count(*) as draw_count
    from {{ scope }}
    where {{ name }} is not null and {{ 'event_name' if scope == 'events' else 'item_kind' if scope == 'items' else "''" }} = '{{ owner or '' }}'
    group by segment_number, {{ name }}
    union all
{%- endfor %}
    select '' as subject, 0 as segment_number, '' as drawn_value, 0 as draw_count where false
{%- endmacro %}
