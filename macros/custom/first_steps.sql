{# Relation: the first event of each session, which begins a walk (walked). #}
{% macro first_steps(sessions) -%}
    select
        cast(user_number as integer) as user_number,
        cast(variant_number as smallint) as variant_number,
        {{ chain_number('regime', 'segment_number') }} as chain_number,
        cast(day_number as smallint) as day_number,
        cast(session_number as smallint) as session_number,
        session_key,
        cast(0 as smallint) as event_number,
        {%- for kind in declaration()['items'] %}
        {#- whether the first event picks an item of this kind #}
        cast({{ 0 if declaration()['events'][0][4] == kind[0] else 'null' }} as smallint) as picked_{{ kind[0] }},
        {%- endfor %}
        cast(0 as smallint) as previous_state,
        cast(1 as smallint) as state,
        started_at_ms,
        cast(0 as integer) as elapsed_ms

    from {{ sessions }}
{%- endmacro %}
