-- one row per delivered item record of the catalogue, defects included
with

generated as (

    select
        item_id,
        category,
        {{ shop_money('base_price_cents') }} as base_price,
        cast(discount_pct as integer) as discount_pct,
        {{ shop_money('current_price_cents') }} as current_price,
        defect_draw,
        created_at,
        received_at

    from {{ ref('gen_shop__items') }}

),

tracked as (

    {{ with_defects(
        'raw_shop__items',
        generated='generated',
        defects=ref('gen_shop__item_defects'),
        columns=[
            'item_id',
            'category',
            'base_price',
            'discount_pct',
            'current_price',
            'created_at',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('shop') }}

)

select * from delivered
