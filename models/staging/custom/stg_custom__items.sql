-- one row per item
with

items as (

    select
        item_id,
        {{- listed(declared_columns('items')) }}
        item_kind

    from {{ ref('raw_custom__items') }}

)

select * from items
