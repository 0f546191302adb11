{#
  Relation: one row per event of the sessions that begin, or go on, where `seeds` says: a walk from event to
  event by the transitions of the session's Markov chain (chain_number). An event's key decides what follows
  it, and when. A session is over after a day. DuckDB hands out the rows of a recursion on one thread, so that
  there are two, each of half the users.
#}
{% macro walked(seeds, transitions) -%}
    with

    steps as (
        {%- for half in range(2) %}

        select * from (

            {{ walk_of_half(seeds, transitions, half) }}

        ) as half_of_users
        {{ 'union all' if not loop.last }}
        {%- endfor %}

    )

    select
        user_number,
        variant_number,
        day_number,
        session_number,
        event_number,
        {{- listed(picked_columns()) }}
        previous_state,
        state,
        started_at_ms,
        elapsed_ms,
        {{ event_defect_draw(fold_in('session_key', 'event_number')) }} < {{ setting('defect_rate') }}
            as has_defect

    from steps
{%- endmacro %}
