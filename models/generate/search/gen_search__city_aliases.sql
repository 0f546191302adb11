-- one row per city: the alias table of where visitors live
with

cities as (

    select
        city_number as category,
        population as weight

    from {{ ref('search_cities') }}

),

aliases as (

    {{ alias_table('cities') }}

)

select
    bucket,
    category as city_number,
    alias_category as alias_city_number,
    own_share

from aliases
