-- one row per item of the catalogue
with

run as (

    select * from {{ ref('gen__run') }}

),

categories as (

    select * from {{ ref('shop_categories') }}

),

catalogue as (

    select {{ bits('run.root_key', 'shop.items.catalogue') }} as catalogue_key

    from run

),

cumulated as (

    select
        *,
        sum(item_share_thousandths) over (
            order by category_number rows unbounded preceding
        ) * {{ setting('shop_items') }} as share_up_to

    from categories

),

-- shares are kept whatever the number of items, to the nearest item
numbered as (

    select
        category_number,
        category,
        price_min_usd,
        price_max_usd,
        discount_probability,
        discount_min_percent,
        discount_max_percent,
        {{ integer_quotient(
            '(cast(share_up_to as bigint) - item_share_thousandths * '
            ~ setting('shop_items') ~ ' + 500)', 1000
        ) }} as first_item,
        {{ integer_quotient('(cast(share_up_to as bigint) + 500)', 1000) }}
            as next_first_item

    from cumulated

),

keyed as (

    select
        series.item_number,
        {{ fold_in('catalogue.catalogue_key', 'series.item_number') }} as item_key

    from {{ series(0, setting('shop_items'), 'item_number') }} as series
    cross join catalogue

),

categorized as (

    select
        keyed.item_number,
        keyed.item_key,
        numbered.*

    from keyed
    inner join numbered
        on
            keyed.item_number >= numbered.first_item
            and keyed.item_number < numbered.next_first_item

),

drawn as (

    select
        *,
        floor(100 * {{ lognormal(
            'item_key', 'shop.items.price',
            '(ln(price_min_usd) + ln(price_max_usd)) / 2',
            '(ln(price_max_usd) - ln(price_min_usd)) / 4'
        ) }} + 0.5) as price_cents,
        {{ bernoulli('item_key', 'shop.items.has_discount', 'discount_probability') }}
            as has_discount,
        {{ integers(
            'item_key', 'shop.items.discount', 'discount_min_percent',
            'discount_max_percent + 1'
        ) }} as discount_percent,
        {{ bits('item_key', 'shop.items.popularity') }} as popularity_draw,
        {{ epoch_ms_literal(world_end_date('shop')) }} - 1 - cast(
            floor(86400000 * least(
                {{ exponential(
                    'item_key', 'shop.items.age', setting('shop_history_mean_days')
                ) }},
                {{ setting('shop_history_max_days') }}
            )) as bigint
        ) as created_at_ms,
        {{ uniform('item_key', 'shop.items.defect') }} as defect_draw

    from categorized

),

priced as (

    select
        *,
        cast(
            {{ clip('price_cents', '100 * price_min_usd', '100 * price_max_usd') }}
            as bigint
        ) as base_price_cents,
        case when has_discount then discount_percent else 0 end as discount_pct,
        cast(
            row_number() over (order by popularity_draw, item_number) as bigint
        ) as popularity_rank

    from drawn

),

discounted as (

    select
        item_number,
        item_key,
        {{ numbered_id('item_', 'item_number', 5) }} as item_id,
        category,
        category_number,
        base_price_cents,
        discount_pct,
        {{ integer_quotient('(base_price_cents * (100 - discount_pct) + 50)', 100) }}
            as current_price_cents,
        popularity_rank,
        sqrt(price_min_usd * price_max_usd) as middle_price_usd,
        defect_draw,
        created_at_ms,
        {{ timestamp_from_ms('created_at_ms') }} as created_at,
        {{ timestamp_from_ms('created_at_ms') }} as received_at

    from priced

)

select * from discounted
