{{ config(materialized='view') }}

-- one row per event after the first exposure under a treatment, with the regime that it follows
with

treated as (

    select * from {{ ref('gen_custom__treated_steps') }}

),

treatments as (

    select * from {{ ref('gen_custom__treatments') }}

),

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

),

steps_in_regimes as (

    select
        treated.previous_state,
        treated.state,
        {{ fold_in(session_key('treatments.user_key', 'treated'), 'treated.event_number - 1') }}
            as previous_key,
        treated.user_number,
        treated.day_number,
        treated.event_number,
        treatments.segment_number,
        treatments.experiment_number,
        treatments.variant_number,
        regimes.regime

    from treated
    inner join treatments
        on
            treated.user_number = treatments.user_number
            and treated.variant_number = treatments.variant_number
    inner join regimes
        on
            treatments.experiment_number = regimes.experiment_number
            and treatments.variant_number = regimes.variant_number
            and greatest(
                least(
                    treated.day_number - treatments.exposure_day, treatments.last_day
                ),
                0
            ) = regimes.days_since_exposure

)

select * from steps_in_regimes
