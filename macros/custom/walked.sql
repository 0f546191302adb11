{#
  Relation: one row per event of the sessions that begin, or go on, where `seeds` says: a walk from event to
  event by the transitions of the session's regime and segment. An event's key decides what follows it, and
  when. A session is over after a day.
#}
{% macro walked(seeds, transitions) -%}
{%- set gap -%}
    cast(floor(least(
                exp({{ normal('steps.event_key', 'custom.walk.gap', 'transitions.log_median_ms', 'transitions.log_spread') }}),
                21600000
            )) as integer)
{%- endset -%}
    with recursive

    steps as (

        select
            user_number,
            variant_number,
            segment_number,
            regime,
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

        from {{ seeds }}

        union all

        select
            steps.user_number,
            steps.variant_number,
            steps.segment_number,
            steps.regime,
            steps.day_number,
            steps.session_number,
            steps.session_key,
            cast(steps.event_number + 1 as smallint) as event_number,
            {%- for kind in declaration()['items'] %}
            case
                when transitions.picked_kind = {{ kind[0] }} then cast(steps.event_number + 1 as smallint)
                else steps.picked_{{ kind[0] }}
            end as picked_{{ kind[0] }},
            {%- endfor %}
            steps.state as previous_state,
            cast(transitions.next_state as smallint) as state,
            {{ fold_in('steps.session_key', 'steps.event_number + 1') }} as event_key,
            steps.started_at_ms,
            steps.event_ms + {{ gap }} as event_ms,
            {{ gap }} as gap_ms

        from (
            select
                steps.*,
                cast(floor(1000000000 * {{ uniform('steps.event_key', 'custom.walk.next') }}) as integer)
                    as draw_ppb

            from steps
        ) as steps
        inner join {{ transitions }} as transitions
            on
                steps.regime = transitions.regime
                and steps.segment_number = transitions.segment_number
                and steps.state = transitions.state
                and steps.draw_ppb >= transitions.draw_from
                and steps.draw_ppb < transitions.draw_below

        where steps.event_number < 1999 and steps.event_ms < steps.started_at_ms + 86400000

    )

    select * from steps
{%- endmacro %}
