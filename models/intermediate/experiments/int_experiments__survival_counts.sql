-- one row per experiment, variant, segment and day since exposure
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

unit_survival as (

    select * from {{ ref('int_experiments__unit_survival') }}

),

-- each unit counts in its segment and in all of them
segmented as (

    select
        exposures.*,
        {{ unnest_range(0, 2) }} as is_counted_in_all

    from exposures

),

aggregated_to_duration as (

    select
        segmented.experiment_id,
        segmented.variant,
        case when segmented.is_counted_in_all = 1 then 'all' else segmented.segment end
            as segment,
        segmented.is_treated,
        unit_survival.duration_days,
        count(*) as n_units,
        sum(case when unit_survival.is_event then 1 else 0 end) as n_events

    from segmented
    inner join unit_survival
        on
            segmented.experiment_id = unit_survival.experiment_id
            and segmented.unit_id = unit_survival.unit_id

    group by
        segmented.experiment_id,
        segmented.variant,
        case when segmented.is_counted_in_all = 1 then 'all' else segmented.segment end,
        segmented.is_treated,
        unit_survival.duration_days

),

-- also days on which nothing happens, until the last unit is gone
days as (

    select
        experiment_id,
        variant,
        segment,
        is_treated,
        {{ unnest_range(0, 'max(duration_days) + 1') }} as days_since_exposure

    from aggregated_to_duration

    group by experiment_id, variant, segment, is_treated

)

select
    days.experiment_id,
    days.variant,
    days.segment,
    days.days_since_exposure,
    cast(sum(coalesce(durations.n_units, 0)) over (
        partition by days.experiment_id, days.variant, days.segment
        order by days.days_since_exposure desc rows unbounded preceding
    ) as bigint) as n_at_risk,
    cast(coalesce(durations.n_events, 0) as bigint) as n_events,
    coalesce(durations.n_units, 0)
    - cast(coalesce(durations.n_events, 0) as bigint) as n_censored,
    days.is_treated

from days
left join aggregated_to_duration as durations
    on
        days.experiment_id = durations.experiment_id
        and days.variant = durations.variant
        and days.segment = durations.segment
        and days.days_since_exposure = durations.duration_days
