{# Relation: the events of walks, in the columns that are stored. #}
{% macro finished_steps(steps) -%}
    select
        user_number,
        cast(variant_number as integer) as variant_number,
        cast(day_number as integer) as day_number,
        cast(session_number as integer) as session_number,
        session_key,
        cast(event_number as integer) as event_number,
        {{- listed(picked_columns(), 'cast({} as integer) as {}') }}
        cast(previous_state as integer) as previous_state,
        cast(state as integer) as state,
        event_key,
        started_at_ms,
        event_ms,
        cast(gap_ms as integer) as gap_ms

    from {{ steps }}
{%- endmacro %}
