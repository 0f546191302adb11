-- one row per day of the window, level of price sensitivity and item
with

calendar as (

    select * from {{ ref('gen_shop__calendar') }}

),

price_levels as (

    select * from {{ ref('shop_price_levels') }}

),

items as (

    select * from {{ ref('gen_shop__items') }}

),

-- days of age when the day begins; an item is offered from the day after its creation
aged as (

    select
        calendar.day,
        items.item_number,
        items.category_number,
        items.popularity_rank,
        items.current_price_cents / (100 * items.middle_price_usd) as relative_price,
        cast(calendar.day_ms - items.created_at_ms as double) / 86400000 as age_days

    from calendar
    cross join items

),

attractive as (

    select
        aged.day,
        price_levels.price_level,
        aged.item_number,
        aged.category_number,
        aged.age_days,
        power(
            cast(aged.popularity_rank as double),
            -cast({{ shop_setting('shop_zipf_exponent') }} as double)
        ) * power(
            cast(2 as double),
            -aged.age_days
            * {{ double_literal(
                1 / (shop_setting('shop_popularity_half_life_days') or 1e300)
            ) }}
        ) * {{ clip(
            "power(aged.relative_price, -price_levels.exponent * "
            ~ shop_setting('shop_price_sensitivity') ~ ")", 0.001, 1000
        ) }} as attraction

    from aged
    cross join price_levels

),

weighted as (

    select
        day,
        price_level,
        item_number,
        category_number,
        case
            when age_days > 0
                then greatest(cast(floor(100000000 * attraction + 0.5) as bigint), 1)
            else 0
        end as weight

    from attractive

)

select * from weighted
