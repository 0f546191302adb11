{#
  Relation: one row per event of the sessions that begin, or go on, where `seeds` says: a walk from event to
  event by the transitions of the session's regime and segment. An event's key decides what follows it, and
  when. A session is over after a day. Two walks, of half the users each, have a thread each: a recursion
  hands out its rows by one.
#}
{% macro walked(seeds, transitions) -%}
{%- set gap -%}
    cast(floor(least(
                exp({{ normal('steps.event_key', 'custom.walk.gap', 'transitions.log_median_ms', 'transitions.log_spread') }}),
                21600000
            )) as integer)
{%- endset -%}
    with

    chains as (

        select
            {{ chain_number('regime', 'segment_number') }} as chain_number,
            state,
            next_state,
            picked_kind,
            draw_from,
            draw_below,
            log_median_ms,
            log_spread

        from {{ transitions }}

    ),

    steps as (
        {%- for half in range(2) %}

        select * from (

            with recursive

            steps as (

                select * from {{ seeds }}

                where user_number % 2 = {{ half }}

                union all

                select
                    steps.user_number,
                    steps.variant_number,
                    steps.chain_number,
                    steps.day_number,
                    steps.session_number,
                    steps.session_key,
                    cast(steps.event_number + 1 as smallint) as event_number,
                    {%- for kind in declaration()['items'] %}
                    case
                        when transitions.picked_kind = {{ kind[0] }}
                            then cast(steps.event_number + 1 as smallint)
                        else steps.picked_{{ kind[0] }}
                    end as picked_{{ kind[0] }},
                    {%- endfor %}
                    steps.state as previous_state,
                    cast(transitions.next_state as smallint) as state,
                    steps.started_at_ms,
                    steps.elapsed_ms + {{ gap }} as elapsed_ms,
                    {{ gap }} as gap_ms

                from (
                    select
                        keyed.*,
                        cast(floor(1000000000 * {{ uniform('keyed.event_key', 'custom.walk.next') }}) as integer)
                            as draw_ppb

                    from (
                        select
                            steps.*,
                            {{ fold_in('session_key', 'event_number') }} as event_key

                        from steps

                        where event_number < 1999 and elapsed_ms < 86400000
                    ) as keyed
                ) as steps
                inner join chains as transitions
                    on
                        steps.chain_number = transitions.chain_number
                        and steps.state = transitions.state
                        and steps.draw_ppb >= transitions.draw_from
                        and steps.draw_ppb < transitions.draw_below

            )

            select * from steps

        ) as half_of_users

        {{ 'union all' if not loop.last }}
        {%- endfor %}

    )

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
        started_at_ms,
        elapsed_ms,
        gap_ms,
        {{ event_defect_draw(fold_in('session_key', 'event_number')) }} < {{ setting('defect_rate') }}
            as has_defect

    from steps
{%- endmacro %}
