{{ config(materialized='view') }}

-- one row per exposed user and treatment of the user's experiment
with

users as (

    select * from {{ ref('gen_custom__users') }}

),

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

    where days_since_exposure = 0

),

exposures as (

    select * from {{ ref('gen_custom__first_exposures') }}

),

treatments as (

    select
        exposures.user_number,
        exposures.session_day as exposing_day,
        exposures.session_number as exposing_session,
        exposures.event_number as exposing_event,
        exposures.exposed_at_ms,
        exposures.exposure_day,
        users.user_key,
        users.segment_number,
        users.trigger_number,
        users.signup_day,
        users.sessions_per_active_day,
        users.rate_factor_ppm,
        users.stay_draw,
        regimes.experiment_number,
        regimes.variant_number,
        regimes.last_day,
        regimes.regime as first_regime

    from exposures
    inner join users on exposures.user_number = users.user_number
    inner join regimes on users.experiment_number = regimes.experiment_number

)

select * from treatments
