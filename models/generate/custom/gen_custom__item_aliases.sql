-- one row per kind of item and item: the alias table of its popularity
with

items as (

    select * from {{ ref('gen_custom__items') }}

),

kinds as (

    {{ parameters('items') }}

),

weighted as (

    select
        items.kind_number,
        items.popularity_rank as category,
        {{ zipf_weight('items.popularity_rank', 'kinds.zipf_exponent') }} as weight

    from items
    inner join kinds on items.kind_number = kinds.kind_number

),

aliases as (

    {{ alias_table('weighted', by='kind_number') }}

)

select
    kind_number,
    bucket,
    category as popularity_rank,
    alias_category as alias_popularity_rank,
    own_share

from aliases
