{#
  Relation: that of shop_choices(), named `sessions`, with one column more, `name`: the list of items
  drawn with replacement in the attempts from number start (inclusive) to stop (exclusive), which are
  expressions over it. Each draws a category by the session's shares, then a slot of its alias table.
  `slots` is the relation of all slots, which shop_choices() makes.
#}
{% macro shop_attempts(relation, name, start, stop, slots) -%}
    with

    {{ name }}_keyed as (

        select
            sessions.*,
            {{ list_map(list_range(start, stop), 'attempt', fold_in('sessions.session_key', 'attempt')) }}
                as {{ name }}_keys

        from {{ relation }} as sessions

    ),

    {{ name }}_drawn as (

        select
            *,
            {{ list_map(name ~ '_keys', 'attempt_key', named_struct({
                'category': uniform('attempt_key', 'shop.choices.category'),
                'slot': uniform('attempt_key', 'shop.choices.slot'),
            })) }} as {{ name }}_draws

        from {{ name }}_keyed

    ),

    {{ name }}_in_category as (

        select
            drawn.*,
            {%- set first_item, item_count = [], [] %}
            {%- for number in [0, 1, 2, 3, 4] %}
            {%- set condition = 'when draw.category < drawn.category_cut_' ~ number ~ ' then' if number < 4 else 'else' %}
            {%- do first_item.append(condition ~ ' shape.first_item_' ~ number) %}
            {%- do item_count.append(condition ~ ' shape.item_count_' ~ number) %}
            {%- endfor %}
            {{ list_map(name ~ '_draws', 'draw', named_struct({
                'first_item': 'case ' ~ first_item | join(' ') ~ ' end',
                'item_position': 'draw.slot * case ' ~ item_count | join(' ') ~ ' end',
            })) }} as {{ name }}_positions

        from {{ name }}_drawn as drawn
        cross join {{ ref('gen_shop__catalogue_ranges') }} as shape

    ),

    {{ name }}_located as (

        select
            *,
            {%- set item = 'drawn.first_item + cast(floor(drawn.item_position) as bigint)' %}
            {{ list_map(name ~ '_positions', 'drawn', named_struct({
                'position': '(price_level * ' ~ setting('shop_days') ~ ' + day) * ' ~ setting('shop_items') ~ ' + ' ~ item,
                'item_number': item,
                'share': 'drawn.item_position - floor(drawn.item_position)',
            })) }} as {{ name }}_places

        from {{ name }}_in_category

    )

    {{ looked_up_lists(
        name ~ '_located', 'session_key', name ~ '_places', name, slots, ['own_share', 'alias_item_number'],
        'case when place.share < entry.own_share then place.item_number else entry.alias_item_number end'
    ) }}
{%- endmacro %}
