{# Relation: how often a number lies at or below a threshold (parts `thresholds`), by segment. #}
{% macro counted_thresholds() -%}
{%- for subject, scope, owner, name, threshold, probability in declaration()['thresholds'] %}
    {%- set kind = {'gaps': 'event_name', 'events': 'event_name', 'items': 'item_kind'}.get(scope, "''") %}
    {%- if scope == 'gaps' %}
        {%- set number = 'gap_ms' %}
    {%- elif name is none %}
        {%- set number = 'rate_factor_ppm' %}
    {%- else %}
        {%- set number = name ~ ' * ' ~ 10 ** declared_columns(scope)[name]['places'] %}
    {%- endif %}
    select
        '{{ subject }}' as subject,
        segment_number,
        case when {{ number }} <= {{ threshold }} then 'below' else 'above' end as drawn_value,
        count(*) as draw_count
    from {{ scope }}
    where {{ kind }} = '{{ owner or '' }}'
    group by segment_number, drawn_value
    union all
{%- endfor %}
    select '' as subject, 0 as segment_number, '' as drawn_value, 0 as draw_count where false
{%- endmacro %}
