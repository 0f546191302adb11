{#
  Relation: the items viewed in each session, weighted choice without replacement: session_key,
  position (from 0), item_number. The relation has session_key, user_number, day, price_level,
  item_count and category_cut_0 … category_cut_3 (cumulated shares of the categories).

  Items are drawn with replacement, each by the category, then the slot of an alias table, and an
  item's first appearance counts: that is choice without replacement (successive sampling), in the
  order of appearance. Some more attempts are made than items are needed. Where still too few
  different ones came, shop_choices_left() draws the rest exactly, so that no number of attempts
  changes the distribution.
#}
{% macro shop_choices(relation) -%}
    with

    choices_expanded as (

        select
            sessions.session_key,
            sessions.day,
            sessions.price_level,
            sessions.item_count,
            sessions.category_cut_0,
            sessions.category_cut_1,
            sessions.category_cut_2,
            sessions.category_cut_3,
            {{ unnest_range(0, 'sessions.item_count + 2 + ' ~ integer_quotient('sessions.item_count * sessions.item_count', 20)) }}
                as attempt

        from {{ relation }} as sessions

    ),

    choices_keyed as (

        select
            choices_expanded.*,
            {{ fold_in('session_key', 'attempt') }} as attempt_key

        from choices_expanded

    ),

    choices_drawn as (

        select
            choices_keyed.*,
            {{ uniform('attempt_key', 'shop.choices.category') }} as category_draw,
            {{ uniform('attempt_key', 'shop.choices.slot') }} as slot_draw

        from choices_keyed

    ),

    choices_in_category as (

        select
            drawn.session_key,
            drawn.attempt,
            drawn.item_count,
            (drawn.day * 8 + drawn.price_level) * 8192 as first_slot_id,
            {%- for c in [0, 1, 2, 3, 4] %}
            {{ 'case' if loop.first }} {{ 'when drawn.category_draw < drawn.category_cut_' ~ c ~ ' then' if c < 4 else 'else' }} shape.first_item_{{ c }}
            {%- endfor %}
            end as first_item,
            drawn.slot_draw
            {%- for c in [0, 1, 2, 3, 4] %}
            {{ '* case' if loop.first }} {{ 'when drawn.category_draw < drawn.category_cut_' ~ c ~ ' then' if c < 4 else 'else' }} shape.item_count_{{ c }}
            {%- endfor %}
            end as slot_position

        from choices_drawn as drawn
        cross join {{ ref('gen_shop__shape') }} as shape

    ),

    choices_looked_up as (

        select
            drawn.session_key,
            drawn.attempt,
            drawn.item_count,
            case
                when drawn.slot_position - floor(drawn.slot_position) < aliases.own_share
                    then aliases.item_number
                else aliases.alias_item_number
            end as item_number

        from choices_in_category as drawn
        left join {{ ref('gen_shop__item_aliases') }} as aliases
            on drawn.first_slot_id + drawn.first_item + cast(floor(drawn.slot_position) as bigint)
                = aliases.slot_id

    ),

    choices_first as (

        select
            session_key,
            item_number,
            min(attempt) as attempt,
            max(item_count) as item_count

        from choices_looked_up

        group by session_key, item_number

    ),

    choices_ordered as (

        select
            session_key,
            item_number,
            item_count,
            row_number() over (partition by session_key order by attempt) - 1 as position

        from choices_first

    ),

    choices as (

        select
            session_key,
            item_number,
            item_count,
            position

        from choices_ordered

        where position < item_count

    ),

    choices_left as (

        {{ shop_choices_left(relation, 'choices') | indent(8) }}

    )

    select session_key, position, item_number from choices
    union all
    select session_key, position, item_number from choices_left
{%- endmacro %}
