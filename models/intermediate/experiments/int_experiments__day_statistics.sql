-- one row per experiment, variant, stratum, probability of the variant, metric and day
-- since exposure
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
        variant,
        stratum,
        assignment_probability,
        metric,
        kind,
        {{ cell_sums() }}

    from unit_metrics

    group by experiment_id, variant, stratum, assignment_probability, metric, kind

),

aggregated_to_day as (

    select
        unit_metrics.experiment_id,
        unit_metrics.variant,
        unit_metrics.stratum,
        unit_metrics.assignment_probability,
        unit_metrics.metric,
        unit_days.days_since_exposure,
        {{ cell_sums(
            'unit_days.numerator', 'unit_days.denominator', 'unit_metrics.covariate'
        ) }}

    from unit_metrics
    inner join unit_days
        on
            unit_metrics.metric = unit_days.metric
            and unit_metrics.unit_hash = unit_days.unit_hash

    group by
        unit_metrics.experiment_id,
        unit_metrics.variant,
        unit_metrics.stratum,
        unit_metrics.assignment_probability,
        unit_metrics.metric,
        unit_days.days_since_exposure

),

filled as (

    select
        cohorts.experiment_id,
        cohorts.variant,
        cohorts.stratum,
        cohorts.metric,
        metric_days.days_since_exposure,
        cohorts.assignment_probability,
        {{ zero_filled_sums('cohorts', 'days', "cohorts.kind = 'ratio'") }}

    from cohorts
    inner join metric_days
        on
            cohorts.experiment_id = metric_days.experiment_id
            and cohorts.metric = metric_days.metric
    left join aggregated_to_day as days
        on
            cohorts.experiment_id = days.experiment_id
            and cohorts.variant = days.variant
            and cohorts.stratum = days.stratum
            and cohorts.metric = days.metric
            and metric_days.days_since_exposure = days.days_since_exposure
            and coalesce(cohorts.assignment_probability, -1)
            = coalesce(days.assignment_probability, -1)

)

select * from filled
