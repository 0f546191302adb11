-- one row per result of the catalogue: how relevant it really is
with

catalogue as (

    select * from {{ ref('gen_search__catalogue') }}

)

select
    result_id,
    result_destination,
    result_type,
    result_provider,
    latent_relevance as true_relevance

from catalogue
