-- one row per experiment and metric
with

results as (

    select * from {{ ref('experiments__results') }}

),

-- a two-sided test at 5 % finds this many standard errors in 80 % of experiments
quantiles as (

    select
        cast(0.975 as double) as confidence_level,
        cast(0.8 as double) as power_level

),

multiples as (

    select
        {{ norm_ppf('confidence_level') }} as confidence_quantile,
        {{ norm_ppf('power_level') }} as power_quantile

    from quantiles

),

aggregated_to_metric as (

    select
        experiment_id,
        metric,
        role,
        unit,
        sum(
            case when estimator = 'naive' then control_units + treatment_units end
        ) as n_units,
        max(case when estimator = 'naive' then control_mean end) as control_mean,
        max(case when estimator = 'naive' then std_error end) as std_error,
        max(case when estimator = 'cuped' then std_error end) as cuped_std_error

    from results

    group by experiment_id, metric, role, unit

),

sized as (

    select
        aggregated_to_metric.*,
        (multiples.confidence_quantile + multiples.power_quantile)
        * aggregated_to_metric.std_error as minimum_detectable_effect,
        (multiples.confidence_quantile + multiples.power_quantile)
        * aggregated_to_metric.cuped_std_error as cuped_minimum_detectable_effect,
        1 - power(
            aggregated_to_metric.cuped_std_error
            / nullif(aggregated_to_metric.std_error, 0), 2
        ) as explained_variance

    from aggregated_to_metric
    cross join multiples

)

select
    experiment_id,
    metric,
    role,
    unit,
    cast(n_units as bigint) as n_units,
    control_mean,
    std_error,
    minimum_detectable_effect,
    minimum_detectable_effect / nullif(abs(control_mean), 0)
        as relative_minimum_detectable_effect,
    explained_variance,
    cuped_minimum_detectable_effect

from sized
