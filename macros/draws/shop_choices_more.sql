{#
  Relation: what further attempts, from number `attempts` on, add to sessions of which too few
  different items came; part of shop_choices(). The relation is its relation with chosen_count;
  `chosen` has session_key and item_number of the items chosen so far.
#}
{% macro shop_choices_more(relation, chosen, attempts) -%}
    with

    more_looked_up as (

        {{ shop_attempts(relation, 'more', attempts, attempts ~ ' + 4 * sessions.item_count') | indent(8) }}

    ),

    more_first as (

        select
            session_key,
            item_number,
            min(attempt) as attempt

        from more_looked_up

        group by session_key, item_number

    ),

    more_new as (

        select more_first.*

        from more_first
        left join {{ chosen }} as chosen
            on more_first.session_key = chosen.session_key
            and more_first.item_number = chosen.item_number

        where chosen.item_number is null

    ),

    more_ordered as (

        select
            session_key,
            item_number,
            attempt,
            cast(row_number() over (partition by session_key order by attempt) as bigint) as place

        from more_new

    )

    select
        ordered.session_key,
        sessions.chosen_count + ordered.place - 1 as position,
        ordered.item_number,
        ordered.attempt + 1 as attempt_count

    from more_ordered as ordered
    inner join {{ relation }} as sessions on ordered.session_key = sessions.session_key

    where sessions.chosen_count + ordered.place <= sessions.item_count
{%- endmacro %}
