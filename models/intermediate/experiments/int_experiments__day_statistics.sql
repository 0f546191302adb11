-- one row per experiment, metric, day since exposure, stratum and arm
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

    where kind != 'proportion'

),

unit_days as (

    select * from {{ ref('int_experiments__unit_metric_days') }}

    where days_since_exposure >= 0

),

metric_days as (

    select
        experiment_id,
        metric,
        {{ unnest_range('window_start_day', 'window_end_day + 1') }}
            as days_since_exposure

    from {{ ref('int_experiments__metrics') }}

),

-- a fixed cohort: who has left stays in, with zeros
cohorts as (

    select
        experiment_id,
        metric,
        kind,
        stratum,
        is_treated,
        case
            when is_treated then max(assignment_probability)
            else 1 - max(assignment_probability)
        end as arm_probability,
        count(*) as n_units

    from unit_metrics

    group by experiment_id, metric, kind, stratum, is_treated

),

aggregated_to_day as (

    select
        unit_days.experiment_id,
        unit_days.metric,
        unit_days.days_since_exposure,
        unit_metrics.stratum,
        unit_metrics.is_treated,
        {{ cell_sums(
            'unit_days.numerator', 'unit_days.denominator', 'cast(null as bigint)'
        ) }}

    from unit_days
    inner join unit_metrics
        on
            unit_days.metric = unit_metrics.metric
            and unit_days.unit_hash = unit_metrics.unit_hash

    group by
        unit_days.experiment_id,
        unit_days.metric,
        unit_days.days_since_exposure,
        unit_metrics.stratum,
        unit_metrics.is_treated

),

filled as (

    select
        cohorts.experiment_id,
        cohorts.metric,
        cohorts.stratum,
        cohorts.arm_probability,
        metric_days.days_since_exposure,
        cohorts.n_units,
        {{ zero_filled_sums('days', "cohorts.kind = 'ratio'") }},
        cohorts.is_treated

    from cohorts
    inner join metric_days
        on
            cohorts.experiment_id = metric_days.experiment_id
            and cohorts.metric = metric_days.metric
    left join aggregated_to_day as days
        on
            cohorts.experiment_id = days.experiment_id
            and cohorts.metric = days.metric
            and cohorts.stratum = days.stratum
            and cohorts.is_treated = days.is_treated
            and metric_days.days_since_exposure = days.days_since_exposure

)

select * from filled
