-- one row per experiment, variant, segment, stratum and day since exposure
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

unit_survival as (

    select * from {{ ref('int_experiments__unit_survival') }}

),

aggregated_to_duration as (

    select
        exposures.experiment_id,
        exposures.variant,
        exposures.segment,
        exposures.stratum,
        unit_survival.duration_days,
        count(*) as n_units,
        count(case when unit_survival.is_event then 1 end) as n_events

    from exposures
    inner join unit_survival
        on
            exposures.experiment_id = unit_survival.experiment_id
            and exposures.unit_id = unit_survival.unit_id

    group by
        exposures.experiment_id,
        exposures.variant,
        exposures.segment,
        exposures.stratum,
        unit_survival.duration_days

),

-- each unit counts in its segment and in all of them
durations as (

    select * from aggregated_to_duration

    where segment != 'all'

    union all

    select
        experiment_id,
        variant,
        'all' as segment,
        stratum,
        duration_days,
        cast(sum(n_units) as bigint) as n_units,
        cast(sum(n_events) as bigint) as n_events

    from aggregated_to_duration

    group by experiment_id, variant, stratum, duration_days

),

-- also days on which nothing happens, until the last unit is gone
days as (

    select
        experiment_id,
        variant,
        segment,
        stratum,
        {{ unnest_range(0, 'max(duration_days) + 1') }} as days_since_exposure

    from durations

    group by experiment_id, variant, segment, stratum

)

select
    days.experiment_id,
    days.variant,
    days.segment,
    days.stratum,
    days.days_since_exposure,
    cast(sum(coalesce(durations.n_units, 0)) over (
        partition by days.experiment_id, days.variant, days.segment, days.stratum
        order by days.days_since_exposure desc rows unbounded preceding
    ) as bigint) as n_at_risk,
    coalesce(durations.n_events, 0) as n_events,
    coalesce(durations.n_units - durations.n_events, 0) as n_censored

from days
left join durations
    on
        days.experiment_id = durations.experiment_id
        and days.variant = durations.variant
        and days.segment = durations.segment
        and days.stratum = durations.stratum
        and days.days_since_exposure = durations.duration_days
