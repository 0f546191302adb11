-- one row per experiment and unit
with

exposures as (

    select * from {{ ref('stg_learning__exposures') }}

),

users as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        plan

    from {{ ref('stg_learning__users') }}

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

described as (

    select
        aggregated_to_unit.experiment_id,
        aggregated_to_unit.unit_id,
        aggregated_to_unit.variant,
        users.plan as stratum,
        users.plan as segment,
        cast(
            {{ dbt.date_trunc('week', 'aggregated_to_unit.first_exposed_at') }} as date
        ) as cohort_week,
        aggregated_to_unit.assignment_probability,
        aggregated_to_unit.assigned_at,
        aggregated_to_unit.first_exposed_at,
        aggregated_to_unit.exposure_count,
        aggregated_to_unit.is_multi_variant

    from aggregated_to_unit
    inner join users on aggregated_to_unit.unit_id = users.unit_id

)

select * from described
