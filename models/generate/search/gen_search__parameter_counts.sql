-- one row: how many rows the world's parameter tables have, to draw from them
with

campaigns as (

    select count(*) as campaign_count from {{ ref('search_campaigns') }}

),

cities as (

    select count(*) as city_count from {{ ref('search_cities') }}

),

destinations as (

    select count(*) as destination_count from {{ ref('search_destinations') }}

),

templates as (

    select count(*) as template_count from {{ ref('search_templates') }}

),

product_types as (

    select count(*) as product_type_count from {{ ref('search_product_types') }}

),

sizes as (

    select
        campaigns.campaign_count,
        cities.city_count,
        destinations.destination_count,
        templates.template_count,
        product_types.product_type_count

    from campaigns
    cross join cities
    cross join destinations
    cross join templates
    cross join product_types

)

select * from sizes
