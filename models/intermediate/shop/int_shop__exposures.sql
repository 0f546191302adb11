-- one row per experiment and unit
with

exposures as (

    select * from {{ ref('stg_shop__exposures') }}

),

users as (

    select * from {{ ref('stg_shop__users') }}

),

views as (

    select
        user_id,
        timestamp

    from {{ ref('stg_shop__events') }}

    where event_type = 'view'

),

aggregated_to_unit as (

    {{ exposed_units('exposures') }}

),

views_aggregated_to_unit as (

    select
        units.experiment_id,
        units.unit_id,
        count(*) as view_count

    from aggregated_to_unit as units
    inner join views
        on
            units.unit_id = views.user_id
            and units.assigned_at > views.timestamp

    group by units.experiment_id, units.unit_id

),

stratified as (

    select
        units.*,
        case
            when earlier.view_count is null then 'none'
            when earlier.view_count < {{ setting('shop_high_views') }} then 'low'
            else 'high'
        end as stratum

    from aggregated_to_unit as units
    left join views_aggregated_to_unit as earlier
        on
            units.experiment_id = earlier.experiment_id
            and units.unit_id = earlier.unit_id

),

described as (

    select
        units.experiment_id,
        units.unit_id,
        units.variant,
        units.stratum,
        units.stratum as segment,
        units.assignment_probability,
        units.exposure_count,
        case
            -- null where the user is not known yet
            when users.user_id is not null
                then least(
                    {{ days_between(
                        'users.registration_date', 'units.first_exposed_at'
                    ) }},
                    {{ day_of_date('shop', 'units.first_exposed_at') }}
                )
        end as prior_days,
        {{ followed_days('shop', 'units.first_exposed_at') }}
            as followed_days,
        units.is_multi_variant,
        cast({{ dbt.date_trunc('week', 'units.first_exposed_at') }} as date)
            as cohort_week,
        units.assigned_at,
        units.first_exposed_at

    from stratified as units
    left join users on units.unit_id = users.user_id

)

select * from described
