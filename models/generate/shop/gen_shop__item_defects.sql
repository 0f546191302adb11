{{ config(materialized='view') }}

-- one row per defective raw item: an edit in place, or an extra row beside a sound one
with

items as (

    select * from {{ ref('gen_shop__items') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_shop__items'

),

assigned as (

    select
        items.*,
        kinds.kind,
        kinds.is_extra_row,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'items.item_key', 'shop.item_defects.resend', 1000, 3600000
                ) }}
            else 0
        end as delivery_shift_ms

    from items
    inner join kinds
        on items.defect_draw >= kinds.draw_from and items.defect_draw < kinds.draw_below

),

defective as (

    select
        case
            when kind = 'impossible_value' then concat(item_id, '_0') else item_id
        end as item_id,
        {{ dirty_category('category', 'kind') }} as category,
        {{ shop_money("case
            when kind = 'impossible_value' then -base_price_cents
            else base_price_cents
        end") }} as base_price,
        cast(discount_pct as integer) as discount_pct,
        {{ shop_money("current_price_cents + case
            when kind = 'conflicting_payload' then 100 else 0
        end") }} as current_price,
        created_at,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
