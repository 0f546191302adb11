{#
  Relation: what is still missing after further attempts, drawn from the items not chosen yet by a
  race of exponential clocks (choice_key), which goes on where the attempts stopped, at number
  `attempts`; part of shop_choices(). The relation is its relation with chosen_count; `chosen` and
  `chosen_more` have session_key and item_number of the items chosen so far.
#}
{% macro shop_choices_left(relation, chosen, chosen_more, attempts) -%}
    with

    left_chosen as (

        select session_key, item_number from {{ chosen }}
        union all
        select session_key, item_number from {{ chosen_more }}

    ),

    left_counted as (

        select
            session_key,
            count(*) as chosen_count

        from left_chosen

        group by session_key

    ),

    left_sessions as (

        select
            sessions.session_key,
            sessions.user_number,
            sessions.day,
            sessions.price_level,
            sessions.item_count,
            left_counted.chosen_count,
            {{ attempts }} as attempt_count

        from {{ relation }} as sessions
        inner join left_counted on sessions.session_key = left_counted.session_key

        where left_counted.chosen_count < sessions.item_count

    ),

    left_tastes as (

        select
            left_sessions.*,
            users.affinity_0,
            users.affinity_1,
            users.affinity_2,
            users.affinity_3,
            users.affinity_4

        from left_sessions
        inner join {{ ref('gen_shop__users') }} as users on left_sessions.user_number = users.user_number

    ),

    left_candidates as (

        select
            sessions.session_key,
            sessions.item_count,
            sessions.chosen_count,
            sessions.attempt_count,
            weights.item_number,
            weights.weight * {{ shop_affinity('weights.category_number', 'sessions') | indent(16) }} as weight,
            {{ fold_in('sessions.session_key', 'weights.item_number') }} as candidate_key

        from left_tastes as sessions
        inner join {{ ref('gen_shop__item_weights') }} as weights
            on sessions.day = weights.day and sessions.price_level = weights.price_level

        where weights.weight > 0

    ),

    left_clocked as (

        select
            candidates.session_key,
            candidates.item_number,
            candidates.item_count,
            candidates.chosen_count,
            candidates.attempt_count,
            {{ choice_key('candidates.candidate_key', 'shop.choices.clock', 'candidates.weight') }} as clock

        from left_candidates as candidates
        left join left_chosen as chosen
            on candidates.session_key = chosen.session_key
            and candidates.item_number = chosen.item_number

        where chosen.item_number is null

    ),

    left_raced as (

        select
            session_key,
            item_number,
            item_count,
            chosen_count,
            attempt_count,
            clock,
            cast(row_number() over (partition by session_key order by clock, item_number) as bigint)
                as place

        from left_clocked

    )

    select
        session_key,
        chosen_count + place - 1 as position,
        item_number,
        attempt_count,
        clock as race_clock

    from left_raced

    where chosen_count + place <= item_count
{%- endmacro %}
