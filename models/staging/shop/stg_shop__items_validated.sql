{{ config(materialized='view') }}

-- one row per delivered item record, with the reason why it is rejected, if it is
with

items as (

    select * from {{ ref('raw_shop__items') }}

),

typed as (

    select
        item_id,
        {{ clean_category('category', [
            'Electronics', 'Clothing', 'Home & Kitchen', 'Books', 'Sports & Outdoors'
        ]) }} as category,
        base_price,
        discount_pct,
        current_price,
        created_at,
        received_at,
        {{ raw_fault() }} as raw_fault

    from items

),

ordered as (

    select
        *,
        -- identical deliveries share a rank; their copy number tells them apart
        rank() over (
            partition by item_id
            order by
                received_at, category, base_price, discount_pct, current_price,
                created_at
        ) as delivery_number,
        row_number() over (
            partition by
                item_id, category, base_price, discount_pct, current_price, created_at
            order by received_at
        ) as copy_number

    from typed

),

validated as (

    select
        item_id,
        category,
        case
            when raw_fault is not null then raw_fault
            when item_id is null or created_at is null then 'missing_value'
            when copy_number > 1 then 'exact_duplicate'
            when delivery_number > 1 then 'conflicting_payload'
            when
                category is null
                or base_price <= 0
                or current_price <= 0
                or discount_pct not between 0 and 99
                then 'impossible_value'
        end as reject_reason,
        base_price,
        discount_pct,
        current_price,
        created_at,
        received_at

    from ordered

)

select * from validated
