-- one row per experiment and unit
with

exposures as (

    select * from {{ ref('stg_custom__exposures') }}

),

users as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        {{ "segment" if declaration()['has_visible_segments'] else "'all'" }}
            as segment,
        signup_date

    from {{ ref('stg_custom__users') }}

),

aggregated_to_unit as (

    {{ exposed_units('exposures') }}

),

described as (

    select
        units.experiment_id,
        units.unit_id,
        units.variant,
        users.segment as stratum,
        users.segment,
        units.assignment_probability,
        units.exposure_count,
        {{ days_between(
            'greatest(users.signup_date, ' ~ timestamp_literal(world_start_date('custom')) ~ ')',
            'units.first_exposed_at'
        ) }} as prior_days,
        {{ followed_days('custom', 'units.first_exposed_at') }} as followed_days,
        units.is_multi_variant,
        cast({{ dbt.date_trunc('week', 'units.first_exposed_at') }} as date)
            as cohort_week,
        units.assigned_at,
        units.first_exposed_at

    from aggregated_to_unit as units
    inner join users on units.unit_id = users.unit_id

)

select * from described
