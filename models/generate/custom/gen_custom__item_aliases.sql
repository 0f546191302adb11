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

),

described as (

    select
        aliases.kind_number,
        aliases.bucket,
        {{- listed(declared_columns('items'), 'own.{} as own_{}') }}
        {{- listed(declared_columns('items'), 'others.{} as alias_{}') }}
        own.item_id as own_item_id,
        others.item_id as alias_item_id,
        aliases.own_share

    from aliases
    inner join items as own
        on aliases.kind_number = own.kind_number and aliases.category = own.popularity_rank
    inner join items as others
        on
            aliases.kind_number = others.kind_number
            and aliases.alias_category = others.popularity_rank

)

select * from described
