{#
  Relation: the rest of shop_choices() for sessions of which too few different items came, drawn from
  the items not chosen yet by a race of exponential clocks (choice_key), which goes on where the
  attempts stopped. `choices` has session_key, item_number, item_count and position.
#}
{% macro shop_choices_left(relation, choices) -%}
    with

    short_sessions as (

        select
            session_key,
            max(item_count) - count(*) as missing_count,
            count(*) as chosen_count

        from {{ choices }} as chosen

        group by session_key

        having count(*) < max(item_count)

    ),

    short_described as (

        select
            short_sessions.session_key,
            short_sessions.missing_count,
            short_sessions.chosen_count,
            sessions.user_number,
            sessions.day,
            sessions.price_level

        from short_sessions
        inner join {{ relation }} as sessions on short_sessions.session_key = sessions.session_key

    ),

    short_tastes as (

        select
            short_described.*,
            users.affinity_0,
            users.affinity_1,
            users.affinity_2,
            users.affinity_3,
            users.affinity_4

        from short_described
        inner join {{ ref('gen_shop__users') }} as users on short_described.user_number = users.user_number

    ),

    candidates as (

        select
            sessions.session_key,
            sessions.missing_count,
            sessions.chosen_count,
            weights.item_number,
            weights.weight * case weights.category_number
                when 0 then sessions.affinity_0
                when 1 then sessions.affinity_1
                when 2 then sessions.affinity_2
                when 3 then sessions.affinity_3
                else sessions.affinity_4
            end as weight,
            {{ fold_in('sessions.session_key', 'weights.item_number') }} as candidate_key

        from short_tastes as sessions
        inner join {{ ref('gen_shop__item_weights') }} as weights
            on sessions.day = weights.day and sessions.price_level = weights.price_level

        where weights.weight > 0

    ),

    clocked as (

        select
            candidates.session_key,
            candidates.item_number,
            candidates.missing_count,
            candidates.chosen_count,
            {{ choice_key('candidates.candidate_key', 'shop.choices.clock', 'candidates.weight') }} as clock

        from candidates
        left join {{ choices }} as chosen
            on candidates.session_key = chosen.session_key
            and candidates.item_number = chosen.item_number

        where chosen.item_number is null

    ),

    raced as (

        select
            session_key,
            item_number,
            missing_count,
            chosen_count,
            row_number() over (partition by session_key order by clock, item_number) as place

        from clocked

    )

    select
        session_key,
        item_number,
        chosen_count + place - 1 as position

    from raced

    where place <= missing_count
{%- endmacro %}
