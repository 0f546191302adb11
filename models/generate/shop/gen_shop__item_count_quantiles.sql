-- one row per persona, number of viewed items and bucket of the draw
with

personas as (

    select
        persona_number as rate_id,
        coalesce(
            cast({{ setting('shop_items_per_session') or 'null' }} as double),
            items_per_session
        ) as rate

    from {{ ref('shop_personas') }}

    where profile = '{{ setting("shop_profile") }}'

),

quantiles as (

    {{ poisson_quantiles('personas', highest=120) }}

)

select
    rate_id as persona_number,
    bucket,
    outcome_count as item_count,
    lower_ppb,
    upper_ppb

from quantiles
