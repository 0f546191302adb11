{#
  Relation: items drawn with replacement, one row per session and attempt from start (inclusive) to
  stop (exclusive), which are expressions over the relation, named `sessions`: session_key, attempt,
  item_count, item_number. Each draws a category by the session's shares, then a slot of its alias
  table. The relation is that of shop_choices(); name begins the names of the steps.
#}
{% macro shop_attempts(relation, name, start, stop) -%}
    with

    {{ name }}_expanded as (

        select
            sessions.session_key,
            sessions.day,
            sessions.price_level,
            sessions.item_count,
            sessions.category_cut_0,
            sessions.category_cut_1,
            sessions.category_cut_2,
            sessions.category_cut_3,
            {{ unnest_range(start, stop) }}
                as attempt

        from {{ relation }} as sessions

    ),

    {{ name }}_keyed as (

        select
            {{ name }}_expanded.*,
            {{ fold_in('session_key', 'attempt') }} as attempt_key

        from {{ name }}_expanded

    ),

    {{ name }}_drawn as (

        select
            {{ name }}_keyed.*,
            {{ uniform('attempt_key', 'shop.choices.category') }} as category_draw,
            {{ uniform('attempt_key', 'shop.choices.slot') }} as slot_draw

        from {{ name }}_keyed

    ),

    {{ name }}_in_category as (

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

        from {{ name }}_drawn as drawn
        cross join {{ ref('gen_shop__catalogue_ranges') }} as shape

    )

    select
        drawn.session_key,
        drawn.attempt,
        drawn.item_count,
        case
            when drawn.slot_position - floor(drawn.slot_position) < aliases.own_share
                then aliases.item_number
            else aliases.alias_item_number
        end as item_number

    from {{ name }}_in_category as drawn
    left join {{ ref('gen_shop__item_aliases') }} as aliases
        on drawn.first_slot_id + drawn.first_item + cast(floor(drawn.slot_position) as bigint)
            = aliases.slot_id
{%- endmacro %}
