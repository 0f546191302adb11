-- one row per item
with

items as (

    select
        item_id,
        item_kind
        {%- for name in declared_columns('items') %},
        {{ name }}
        {%- endfor %}

    from {{ ref('raw_custom__items') }}

)

select * from items
