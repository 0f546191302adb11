{# Relation: the events of walks, in the columns that are stored. #}
{% macro finished_steps(steps) -%}
    select
        user_number,
        variant_number,
        day_number,
        session_number,
        session_key,
        event_number,
        {{- listed(picked_columns()) }}
        previous_state,
        state,
        event_key,
        started_at_ms,
        event_ms,
        gap_ms

    from {{ steps }}
{%- endmacro %}
