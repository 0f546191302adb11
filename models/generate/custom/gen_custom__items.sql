-- one row per item
with

run as (

    select * from {{ ref('gen__run') }}

),

kinds as (

    {{ parameters('items') }}

),

expanded as (

    select
        kinds.kind_number,
        kinds.kind as item_kind,
        {{ unnest_range(1, 'kinds.item_count + 1') }} as popularity_rank

    from kinds

),

keyed as (

    select
        expanded.kind_number,
        expanded.item_kind,
        expanded.popularity_rank,
        0 as segment_number,
        concat(expanded.item_kind, '_', expanded.popularity_rank) as item_id,
        {{ fold_in(
            mix(bitwise_xor(
                bits('run.root_key', 'custom.items.kind'), text_key('expanded.item_kind')
            )),
            'expanded.popularity_rank'
        ) }} as item_key

    from expanded
    cross join run

),

described as (

    {{ described_items('keyed') }}

)

select * from described
