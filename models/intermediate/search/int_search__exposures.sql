-- one row per experiment and unit
with

exposures as (

    select * from {{ ref('stg_search__exposures') }}

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
        experiment_id,
        unit_id,
        variant,
        case when unit_id like 'user_%' then 'known' else 'anonymous' end as stratum,
        case when unit_id like 'user_%' then 'known' else 'anonymous' end as segment,
        cast({{ dbt.date_trunc('week', 'first_exposed_at') }} as date) as cohort_week,
        assignment_probability,
        assigned_at,
        first_exposed_at,
        exposure_count,
        is_multi_variant

    from aggregated_to_unit

)

select * from described
