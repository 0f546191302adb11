{{ config(materialized='view') }}

-- one row per experiment and unit that was exposed by as_of, logged or not
with

exposures as (

    select * from {{ ref('gen_shop__exposures') }}

    where is_assigned and {{ delivered('shop', 'exposed_at') }}

),

observed as (

    select * from {{ ref('int_shop__exposures') }}

),

described as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.variant,
        observed.stratum,
        observed.segment,
        exposures.assignment_probability,
        {{ followed_days('shop', 'exposures.exposed_at') }}
            as followed_days,
        {{ delivered('shop', 'exposures.received_at') }} as is_logged,
        false as is_lost_if_treated,
        false as is_lost_under_null,
        exposures.exposed_at as first_exposed_at

    from exposures
    left join observed
        on
            exposures.experiment_id = observed.experiment_id
            and exposures.unit_id = observed.unit_id

)

select * from described
