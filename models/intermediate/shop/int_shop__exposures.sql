-- one row per experiment and unit
with

exposures as (

    select * from {{ ref('stg_shop__exposures') }}

),

views as (

    select
        user_id,
        timestamp

    from {{ ref('stg_shop__events') }}

    where event_type = 'view'

),

ordered as (

    select
        *,
        row_number() over (
            partition by experiment_id, unit_id order by exposed_at, variant
        ) as exposure_number

    from exposures

),

aggregated_to_unit as (

    select
        experiment_id,
        unit_id,
        max(case when exposure_number = 1 then variant end) as variant,
        max(assignment_probability) as assignment_probability,
        count(*) as exposure_count,
        count(distinct variant) > 1 as is_multi_variant,
        min(assigned_at) as assigned_at,
        min(exposed_at) as first_exposed_at

    from ordered

    group by experiment_id, unit_id

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
        experiment_id,
        unit_id,
        variant,
        stratum,
        stratum as segment,
        cast(
            {{ dbt.date_trunc('week', 'first_exposed_at') }} as date
        ) as cohort_week,
        assignment_probability,
        assigned_at,
        first_exposed_at,
        exposure_count,
        is_multi_variant

    from stratified

)

select * from described
