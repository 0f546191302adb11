{# Relation: the walks (walked) of the users with an even number, or with an odd one (`half` 0 or 1). #}
{% macro walk_of_half(seeds, transitions, half) -%}
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
            steps.elapsed_ms + {{ walk_gap_ms('steps.event_key', 'transitions') }} as elapsed_ms

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
        inner join {{ transitions }} as transitions
            on
                steps.chain_number = transitions.chain_number
                and steps.state = transitions.state
                and steps.draw_ppb >= transitions.draw_from
                and steps.draw_ppb < transitions.draw_below

    )

    select * from steps
{%- endmacro %}
