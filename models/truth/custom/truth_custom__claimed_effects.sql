{{ config(materialized='view') }}

-- one row per regime, segment and what an effect is claimed to be on: the factor on it
with

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

),

-- of the claims, and not of what the generator reads
effects as (

    select
        experiment_number,
        variant_number,
        segment_number,
        target,
        event_number,
        next_number,
        factor,
        novelty,
        half_life_days

    from (
        {{ parameters('effect_claims') }}
    ) as effect_claims

),

combined as (

    {{ effect_factors('effects', 'regimes') }}

)

select * from combined
