{#
  Relation: the items viewed in each session, weighted choice without replacement: session_key,
  position (from 0), item_number, attempt_count (attempts up to the item's first) and race_clock (see
  below, else 0). The relation has session_key, user_number, day, price_level, item_count and
  category_cut_0 … category_cut_3 (cumulated shares of the categories).

  Items are drawn with replacement, and an item's first appearance counts: that is choice without
  replacement (successive sampling), in the order of appearance. Half of the sessions need a quarter
  more attempts than items, but one in a hundred three times as many, so that the few of which too
  few different items came go on by themselves: shop_choices_more() makes attempts four times as
  many as items, shop_choices_left() draws what is still missing by a race, exactly. So no number
  of attempts changes the distribution, also where a session takes all items that there are.
#}
{% macro shop_choices(relation) -%}
{%- set attempts = 'sessions.item_count + 2 + ' ~ integer_quotient('sessions.item_count * sessions.item_count', 20) -%}
    with

    attempts_looked_up as (

        {{ shop_attempts(relation, 'attempts', 0, attempts) | indent(8) }}

    ),

    attempts_first as (

        select
            session_key,
            item_number,
            min(attempt) as attempt,
            max(item_count) as item_count

        from attempts_looked_up

        group by session_key, item_number

    ),

    attempts_ordered as (

        select
            session_key,
            item_number,
            item_count,
            attempt,
            cast(row_number() over (partition by session_key order by attempt) as bigint) - 1
                as position

        from attempts_first

    ),

    choices as (

        select
            session_key,
            item_number,
            item_count,
            attempt + 1 as attempt_count,
            position

        from attempts_ordered

        where position < item_count

    ),

    short_sessions as (

        select
            session_key,
            count(*) as chosen_count

        from choices

        group by session_key

        having count(*) < max(item_count)

    ),

    short_described as (

        select
            sessions.*,
            short_sessions.chosen_count

        from short_sessions
        inner join {{ relation }} as sessions on short_sessions.session_key = sessions.session_key

    ),

    chosen_of_short as (

        select
            choices.session_key,
            choices.item_number,
            choices.position

        from choices
        inner join short_sessions on choices.session_key = short_sessions.session_key

    ),

    choices_more as (

        {{ shop_choices_more('short_described', 'chosen_of_short', attempts) | indent(8) }}

    ),

    choices_left as (

        {{ shop_choices_left('short_described', 'chosen_of_short', 'choices_more', attempts ~ ' + 4 * sessions.item_count') | indent(8) }}

    )

    select session_key, position, item_number, attempt_count, cast(0 as double) as race_clock
    from choices
    union all
    select session_key, position, item_number, attempt_count, cast(0 as double) as race_clock
    from choices_more
    union all
    select session_key, position, item_number, attempt_count, race_clock
    from choices_left
{%- endmacro %}
