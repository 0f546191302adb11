{{ config(materialized='view') }}

-- one row per experiment and visitor who was exposed by as_of, logged or not
with

sessions as (

    select
        coalesce(user_id, cast(anonymous_id as {{ dbt.type_string() }})) as unit_id,
        case when user_id is null then 'anonymous' else 'known' end as stratum,
        is_treated,
        is_lost_if_treated,
        is_lost_under_null,
        started_at_ms

    from {{ ref('gen_search__sessions') }}

),

variants as (

    select * from {{ ref('search_variants') }}

),

logged as (

    select * from {{ ref('gen_search__exposures') }}

    where is_assigned and {{ delivered('search') }}

),

-- a session that the fault lost exposes its visitor all the same
aggregated_to_unit as (

    select
        unit_id,
        stratum,
        is_treated,
        -- a cookie, which alone can be lost, is one session
        max(case when is_lost_if_treated then 1 else 0 end) = 1 as is_lost_if_treated,
        max(case when is_lost_under_null then 1 else 0 end) = 1 as is_lost_under_null,
        {{ timestamp_from_ms('min(started_at_ms)') }} as first_exposed_at

    from sessions

    group by unit_id, stratum, is_treated

),

described as (

    select
        variants.experiment_id,
        units.unit_id,
        variants.variant,
        units.stratum,
        units.stratum as segment,
        variants.assignment_probability,
        {{ followed_days('search', 'units.first_exposed_at') }}
            as followed_days,
        logged.unit_id is not null as is_logged,
        units.is_lost_if_treated,
        units.is_lost_under_null,
        units.first_exposed_at

    from aggregated_to_unit as units
    inner join variants on units.is_treated = variants.is_treated
    left join logged
        on
            variants.experiment_id = logged.experiment_id
            and units.unit_id = logged.unit_id

)

select * from described
