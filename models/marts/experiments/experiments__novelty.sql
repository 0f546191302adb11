-- one row per experiment, treatment and mean metric whose window has two weeks
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

unit_days as (

    select * from {{ ref('int_experiments__unit_metric_days') }}

    where days_since_exposure >= 0

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

    where kind = 'mean' and window_start_day = 0 and window_end_day >= 13

),

aggregated_to_unit as (

    select
        metric,
        unit_hash,
        cast(
            sum(
                case
                    when days_since_exposure <= 6 then numerator
                    when days_since_exposure <= 13 then -numerator
                    else 0
                end
            ) as bigint
        ) as first_week_less_second

    from unit_days

    group by metric, unit_hash

),

aggregated_to_cell as (

    select
        unit_metrics.experiment_id,
        unit_metrics.variant,
        unit_metrics.stratum,
        unit_metrics.metric,
        unit_metrics.assignment_probability,
        {{ cell_sums(
            'coalesce(units.first_week_less_second, 0)', 'unit_metrics.denominator',
            'unit_metrics.covariate'
        ) }}

    from unit_metrics
    inner join metrics
        on
            unit_metrics.experiment_id = metrics.experiment_id
            and unit_metrics.metric = metrics.metric
    left join aggregated_to_unit as units
        on
            unit_metrics.metric = units.metric
            and unit_metrics.unit_hash = units.unit_hash

    group by
        unit_metrics.experiment_id,
        unit_metrics.variant,
        unit_metrics.stratum,
        unit_metrics.metric,
        unit_metrics.assignment_probability

),

compared as (

    {{ compared_cells('aggregated_to_cell', ['experiment_id', 'metric']) }}

),

estimated as (

    {{ experiment_estimates('compared', ['experiment_id', 'treatment', 'metric']) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        estimated.estimator,
        metrics.unit,
        -- the weeks' sums become means of a day
        {{ in_units('estimated', '(7 * metrics.divisor)') }}

    from estimated
    inner join metrics
        on
            estimated.experiment_id = metrics.experiment_id
            and estimated.metric = metrics.metric

),

inferred as (

    {{ t_inference('described') }}

),

adjusted as (

    {{ multiple_testing(
        'inferred', 'p_value', ['experiment_id'], 'metric, treatment'
    ) }}

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    unit,
    control_units,
    treatment_units,
    effect as novelty_difference,
    std_error,
    dof,
    statistic,
    p_value,
    p_value_holm,
    ci_lower,
    ci_upper

from adjusted
