-- one row per item, as the catalogue has it
with

items as (

    select
        item_id,
        item_kind
        {%- for name in declared_columns('items') %},
        {{ name }}
        {%- endfor %}

    from {{ ref('gen_custom__items') }}

)

select * from items
