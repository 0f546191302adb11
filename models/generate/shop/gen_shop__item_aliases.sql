-- one row per day, level of price sensitivity and item: a slot of an alias table
with

weights as (

    select
        (day * 8 + price_level) * 8 + category_number as table_id,
        item_number as category,
        weight,
        sum(weight) over (
            partition by day, price_level, category_number
        ) as category_weight

    from {{ ref('gen_shop__item_weights') }}

),

offered as (

    select
        table_id,
        category,
        weight

    from weights

    where category_weight > 0

),

aliases as (

    {{ alias_table('offered', by='table_id') }}

)

select
    {{ integer_quotient('table_id', 8) }} * 8192 + category as slot_id,
    category as item_number,
    alias_category as alias_item_number,
    own_share

from aliases
