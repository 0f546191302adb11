{#
  Relation: what is still missing after all attempts, drawn from the items not chosen yet by a race of
  exponential clocks (choice_key), which goes on where the attempts stopped; part of shop_choices().
  The relation is its relation with chosen_count, attempt_count and the list item_numbers of the items
  chosen so far. One row per item.
#}
{% macro shop_choices_left(relation) -%}
    with

    left_tastes as (

        select
            sessions.session_key,
            sessions.day,
            sessions.price_level,
            sessions.item_count,
            sessions.chosen_count,
            sessions.attempt_count,
            sessions.item_numbers,
            users.affinity_0,
            users.affinity_1,
            users.affinity_2,
            users.affinity_3,
            users.affinity_4

        from {{ relation }} as sessions
        inner join {{ ref('gen_shop__users') }} as users on sessions.user_number = users.user_number

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

        where weights.weight > 0 and not array_contains(sessions.item_numbers, weights.item_number)

    ),

    left_clocked as (

        select
            session_key,
            item_number,
            item_count,
            chosen_count,
            attempt_count,
            {{ choice_key('candidate_key', 'shop.choices.clock', 'weight') }} as clock

        from left_candidates

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
