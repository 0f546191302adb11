-- one row per number of further activities at full engagement, and bucket of the draw
with

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

rates as (

    select
        0 as rate_id,
        further_rate as rate

    from profile

),

quantiles as (

    {{ poisson_quantiles('rates', highest=24) }}

)

select
    bucket,
    outcome_count as activity_count,
    lower_ppb,
    upper_ppb

from quantiles
