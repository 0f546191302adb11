-- one row per experiment, metric, quantile and arm
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

    where quantiles is not null

),

wanted as (

    {{ metric_quantiles('metrics') }}

),

ordered as (

    select
        units.experiment_id,
        units.metric,
        units.numerator,
        units.is_treated,
        row_number() over (
            partition by units.experiment_id, units.metric, units.is_treated
            order by units.numerator, units.unit_id
        ) as position,
        count(*)
            over (partition by units.experiment_id, units.metric, units.is_treated)
            as n_units

    from unit_metrics as units
    inner join metrics
        on units.experiment_id = metrics.experiment_id and units.metric = metrics.metric

),

-- the smallest value that at least this share of the arm is not above
positioned as (

    select
        ordered.experiment_id,
        ordered.metric,
        wanted.quantile,
        cast(ordered.numerator as double) / wanted.divisor as unit_value,
        ordered.n_units,
        ordered.position,
        {{ integer_quotient(
            '(wanted.quantile_ppm * ordered.n_units + 999999)', 1000000
        ) }} as quantile_position,
        ceil(ordered.n_units * wanted.quantile - {{ z_95() }} * sqrt(
            ordered.n_units * wanted.quantile * (1 - wanted.quantile)
        )) as lower_position,
        ceil(ordered.n_units * wanted.quantile + {{ z_95() }} * sqrt(
            ordered.n_units * wanted.quantile * (1 - wanted.quantile)
        )) as upper_position,
        ordered.is_treated

    from ordered
    inner join wanted
        on
            ordered.experiment_id = wanted.experiment_id
            and ordered.metric = wanted.metric

),

aggregated_to_quantile as (

    select
        experiment_id,
        metric,
        quantile,
        n_units,
        is_treated,
        max(case when position = quantile_position then unit_value end) as arm_quantile,
        max(case when position = lower_position then unit_value end) as lower_value,
        max(case when position = upper_position then unit_value end) as upper_value

    from positioned

    group by experiment_id, metric, quantile, n_units, is_treated

)

select
    experiment_id,
    metric,
    quantile,
    n_units,
    arm_quantile,
    (upper_value - lower_value) / (2 * {{ z_95() }}) as std_error,
    is_treated

from aggregated_to_quantile
