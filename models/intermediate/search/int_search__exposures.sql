-- one row per experiment and unit
with

exposures as (

    select * from {{ ref('stg_search__exposures') }}

),

aggregated_to_unit as (

    {{ exposed_units('exposures') }}

),

stratified as (

    select
        *,
        case when unit_id like 'user_%' then 'known' else 'anonymous' end as stratum

    from aggregated_to_unit

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
        -- nobody searches before the first search
        cast(null as bigint) as prior_days,
        {{ followed_days('search', 'units.first_exposed_at') }}
            as followed_days,
        units.is_multi_variant,
        cast({{ dbt.date_trunc('week', 'units.first_exposed_at') }} as date)
            as cohort_week,
        units.assigned_at,
        units.first_exposed_at

    from stratified as units

)

select * from described
