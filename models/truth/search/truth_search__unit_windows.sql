-- one row per experiment, exposed unit and metric through whose window the unit was
-- followed, logged or not
with

sessions as (

    select
        coalesce(user_id, cast(anonymous_id as {{ dbt.type_string() }})) as unit_id,
        case when user_id is null then 'anonymous' else 'known' end as stratum,
        is_treated,
        started_at_ms

    from {{ ref('gen_search__sessions') }}

),

variants as (

    select * from {{ ref('search_variants') }}

),

logged as (

    select
        experiment_id,
        unit_id

    from {{ ref('gen_search__exposures') }}

    where is_assigned and {{ delivered('search') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

-- a session that the fault lost exposes its visitor all the same
aggregated_to_unit as (

    select
        unit_id,
        stratum,
        is_treated,
        {{ timestamp_from_ms('min(started_at_ms)') }} as exposed_at

    from sessions

    group by unit_id, stratum, is_treated

),

windows as (

    select
        variants.experiment_id,
        units.unit_id,
        variants.variant,
        units.stratum,
        metrics.metric,
        metrics.kind,
        metrics.window_start_day,
        metrics.window_end_day,
        logged.unit_id is not null as is_logged,
        units.exposed_at

    from aggregated_to_unit as units
    inner join variants on units.is_treated = variants.is_treated
    inner join metrics on variants.experiment_id = metrics.experiment_id
    left join logged
        on
            variants.experiment_id = logged.experiment_id
            and units.unit_id = logged.unit_id

    where
        {{ days_between(
            'units.exposed_at', timestamp_literal(last_delivered_date('search'))
        ) }} >= metrics.window_end_day

)

select * from windows
