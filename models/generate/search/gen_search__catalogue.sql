-- one row per result that can be found: for each destination, type of product and place
with

run as (

    select * from {{ ref('gen__run') }}

),

destinations as (

    select * from {{ ref('search_destinations') }}

),

product_types as (

    select * from {{ ref('search_product_types') }}

),

providers as (

    select * from {{ ref('search_providers') }}

),

slots as (

    select slot

    from {{ series(0, catalogue_size(), 'slot') }} as slots

),

world as (

    select {{ bits('run.root_key', 'search.catalogue.world') }} as catalogue_key

    from run

),

numbered as (

    select
        world.catalogue_key,
        {{ catalogue_number(
            'destinations.destination_number', 'product_types.type_number', 'slots.slot'
        ) }} as catalogue_number,
        slots.slot,
        slots.slot % 8 as provider_number,
        destinations.destination,
        product_types.product_type,
        product_types.lowest_price,
        product_types.highest_price

    from destinations
    cross join product_types
    cross join slots
    cross join world

),

keyed as (

    select
        numbered.*,
        {{ fold_in('catalogue_key', 'catalogue_number') }} as result_key

    from numbered

),

described as (

    select
        keyed.catalogue_number,
        {{ uuid4('keyed.result_key', 'search.catalogue.result_id') }} as result_id,
        keyed.destination as result_destination,
        keyed.product_type as result_type,
        providers.provider as result_provider,
        (2 * {{ relevance_grade('keyed.slot') }} + 1) / 50e0 as latent_relevance,
        100 * keyed.lowest_price as lowest_price_cents,
        100 * keyed.highest_price as highest_price_cents

    from keyed
    inner join providers on keyed.provider_number = providers.provider_number

)

select * from described
