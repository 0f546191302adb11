{{ config(materialized='view') }}

-- one row per experiment and unit that was exposed by as_of, logged or not
with

exposures as (

    select * from {{ ref('gen_feed__exposures') }}

    where is_assigned and {{ delivered('feed', 'exposed_at') }}

),

users as (

    select
        *,
        cast(user_id as {{ dbt.type_string() }}) as unit_id

    from {{ ref('gen_feed__users') }}

),

described as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.variant,
        users.segment as stratum,
        users.segment,
        {{ feed_variant_probability('exposures') }} as assignment_probability,
        {{ followed_days('feed', 'exposures.exposed_at') }}
            as followed_days,
        {{ delivered('feed', 'exposures.received_at') }}
        and {{ delivered('feed', 'users.received_at') }} as is_logged,
        false as is_lost_if_treated,
        false as is_lost_under_null,
        exposures.exposed_at as first_exposed_at

    from exposures
    inner join users on exposures.unit_id = users.unit_id

)

select * from described
