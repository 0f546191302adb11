-- one row per item, as the catalogue has it
with

items as (

    select
        item_id,
        {{- listed(declared_columns('items')) }}
        item_kind

    from {{ ref('gen_custom__items') }}

)

select * from items
