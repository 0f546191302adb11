-- one row per type of product: the alias table of results where the query says no type
with

product_types as (

    select
        type_number as category,
        mixed_weight as weight

    from {{ ref('search_product_types') }}

),

aliases as (

    {{ alias_table('product_types') }}

)

select
    bucket,
    category as type_number,
    alias_category as alias_type_number,
    own_share

from aliases
