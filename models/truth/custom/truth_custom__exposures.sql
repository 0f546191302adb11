{{ config(materialized='view') }}

-- one row per experiment and unit that was exposed by as_of, logged or not
with

exposures as (

    select * from {{ ref('gen_custom__exposures') }}

    where is_assigned and {{ delivered('custom', 'exposed_at') }}

),

users as (

    select
        *,
        cast(user_id as {{ dbt.type_string() }}) as unit_id

    from {{ ref('gen_custom__users') }}

),

described as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.variant,
        {{ "users.segment" if declaration()['has_visible_segments'] else "'all'" }}
            as stratum,
        {{ "users.segment" if declaration()['has_visible_segments'] else "'all'" }}
            as segment,
        exposures.assignment_probability,
        {{ followed_days('custom', 'exposures.exposed_at') }} as followed_days,
        {{ delivered('custom', 'exposures.received_at') }}
        and {{ delivered('custom', 'users.received_at') }} as is_logged,
        false as is_lost_if_treated,
        false as is_lost_under_null,
        exposures.exposed_at as first_exposed_at

    from exposures
    inner join users on exposures.unit_id = users.unit_id

)

select * from described
