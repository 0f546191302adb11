{# Relation: the first event of each session, which begins a walk (walked). #}
{% macro first_steps(sessions) -%}
    select
        user_number,
        variant_number,
        segment_number,
        regime,
        day_number,
        session_number,
        session_key,
        cast(0 as bigint) as event_number,
        {%- for kind in declaration()['items'] %}
        {#- whether the first event picks an item of this kind #}
        cast({{ 0 if declaration()['events'][0][4] == kind[0] else 'null' }} as bigint) as picked_{{ kind[0] }},
        {%- endfor %}
        0 as previous_state,
        1 as state,
        {{ fold_in('session_key', 0) }} as event_key,
        started_at_ms,
        started_at_ms as event_ms,
        cast(0 as bigint) as gap_ms

    from {{ sessions }}
{%- endmacro %}
