{#
  Relation: the items viewed in each session, weighted choice without replacement, one row per
  session: session_key and the lists item_numbers, attempt_counts (attempts up to the item's first)
  and race_clocks (see below, else 0), in order. The relation has session_key, user_number, day,
  price_level, item_count and category_cut_0 … category_cut_3 (cumulated shares of the categories).

  Items are drawn with replacement, and an item's first appearance counts: that is choice without
  replacement (successive sampling), in the order of appearance. Half of the sessions need a quarter
  more attempts than items, but one in a hundred three times as many, so that the few of which too
  few different items came go on by themselves: they make attempts four times as many as items, and
  shop_choices_left() draws what is still missing by a race, exactly. So no number of attempts
  changes the distribution, also where a session takes all items that there are.
#}
{% macro shop_choices(relation) -%}
{%- set attempts = '(item_count + 2 + ' ~ integer_quotient('item_count * item_count', 20) ~ ')' -%}
    with

    -- every slot, also those of categories that have no item yet
    slots as (

        select
            (weights.price_level * {{ setting('shop_days') }} + weights.day) * {{ setting('shop_items') }}
            + weights.item_number as position,
            aliases.own_share,
            cast(aliases.alias_item_number as smallint) as alias_item_number

        from {{ ref('gen_shop__item_weights') }} as weights
        left join {{ ref('gen_shop__item_aliases') }} as aliases
            on (weights.day * 8 + weights.price_level) * 8192 + weights.item_number = aliases.slot_id

    ),

    attempted as (

        {{ shop_attempts(relation, 'first_items', 0, attempts, 'slots') | indent(8) }}

    ),

    chosen_first as (

        select
            session_key,
            user_number,
            day,
            price_level,
            item_count,
            category_cut_0,
            category_cut_1,
            category_cut_2,
            category_cut_3,
            first_items,
            {{ list_unique('first_items') }} as first_chosen,
            {{ attempts }} as attempt_count

        from attempted

    ),

    attempted_again as (

        {{ shop_attempts(
            'chosen_first', 'more_items', 'attempt_count',
            'attempt_count + case when cardinality(first_chosen) < item_count then 4 * item_count else 0 end', 'slots'
        ) | indent(8) }}

    ),

    joined as (

        select
            session_key,
            user_number,
            day,
            price_level,
            item_count,
            first_chosen,
            cardinality(more_items) = 0 as is_enough,
            concat(first_items, more_items) as attempted_items,
            concat(first_chosen, more_items) as candidates,
            attempt_count + 4 * item_count as attempt_count

        from attempted_again

    ),

    chosen as (

        select
            *,
            case
                when is_enough then first_chosen
                else {{ list_unique('candidates') | indent(16) }}
            end as chosen_items

        from joined

    ),

    choices as (

        select
            *,
            {{ list_head('chosen_items', 'item_count') }} as item_numbers

        from chosen

    ),

    short_sessions as (

        select
            *,
            cast(cardinality(item_numbers) as bigint) as chosen_count

        from choices

        where cardinality(item_numbers) < item_count

    ),

    choices_left as (

        {{ shop_choices_left('short_sessions') | indent(8) }}

    ),

    left_aggregated_to_session as (

        select
            session_key,
            {{ ordered_list('item_number', 'position') }} as item_numbers,
            {{ ordered_list('attempt_count', 'position') }} as attempt_counts,
            {{ ordered_list('race_clock', 'position') }} as race_clocks

        from choices_left

        group by session_key

    ),

    -- lists of those that came by attempts, and of those that came by the race
    described as (

        select
            choices.session_key,
            choices.item_numbers,
            {{ list_map(
                'choices.item_numbers', 'item_number', 'array_position(choices.attempted_items, item_number)'
            ) }} as attempt_counts,
            {{ list_map('choices.item_numbers', 'item_number', 'cast(0 as double)') }} as race_clocks,
            choices_left.session_key is null as is_complete,
            choices_left.item_numbers as left_item_numbers,
            choices_left.attempt_counts as left_attempt_counts,
            choices_left.race_clocks as left_race_clocks

        from choices
        left join left_aggregated_to_session as choices_left on choices.session_key = choices_left.session_key

    )

    select
        session_key,
        {%- for values in ['item_numbers', 'attempt_counts', 'race_clocks'] %}
        case when is_complete then {{ values }} else concat({{ values }}, left_{{ values }}) end
            as {{ values }}{{ ',' if not loop.last }}
        {%- endfor %}

    from described
{%- endmacro %}
