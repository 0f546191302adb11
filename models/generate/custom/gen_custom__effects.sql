-- one row per regime, segment and what an effect is on: the factor on it
with

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

),

effects as (

    {{ parameters('effects') }}

),

combined as (

    {{ effect_factors('effects', 'regimes') }}

)

select * from combined
