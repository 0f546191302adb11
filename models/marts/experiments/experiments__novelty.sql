-- one row per experiment and mean metric whose window has two weeks
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

aggregated_to_arm as (

    select
        unit_metrics.experiment_id,
        unit_metrics.metric,
        unit_metrics.is_treated,
        {{ cell_sums(
            'coalesce(units.first_week_less_second, 0)', 'cast(null as bigint)',
            'cast(null as bigint)'
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
        unit_metrics.experiment_id, unit_metrics.metric, unit_metrics.is_treated

),

estimated as (

    {{ estimates('aggregated_to_arm', ['experiment_id', 'metric'], stratified=false) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.metric,
        metrics.unit,
        -- the weeks' sums become means of a day
        {{ in_units('estimated', '(7 * metrics.divisor)') }}

    from estimated
    inner join metrics
        on
            estimated.experiment_id = metrics.experiment_id
            and estimated.metric = metrics.metric

    where estimated.estimator = 'naive'

),

inferred as (

    {{ t_inference('described') }}

)

select
    experiment_id,
    metric,
    unit,
    control_units,
    treatment_units,
    effect as novelty_difference,
    std_error,
    dof,
    statistic,
    p_value,
    ci_lower,
    ci_upper

from inferred
