-- one row per item of the catalogue
with

validated as (

    select * from {{ ref('stg_shop__items_validated') }}

),

accepted as (

    select
        item_id,
        category,
        base_price,
        discount_pct,
        current_price,
        created_at,
        received_at

    from validated

    where reject_reason is null

)

select * from accepted
