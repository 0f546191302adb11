-- one row per experiment, treatment, metric and day since exposure
with

statistics as (

    select * from {{ ref('int_experiments__day_statistics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

novelty as (

    select * from {{ ref('experiments__novelty') }}

),

compared as (

    {{ compared_cells(
        'statistics', ['experiment_id', 'metric', 'days_since_exposure']
    ) }}

),

estimated as (

    {{ experiment_estimates(
        'compared', ['experiment_id', 'treatment', 'metric', 'days_since_exposure']
    ) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        estimated.days_since_exposure,
        estimated.estimator,
        metrics.unit,
        {{ in_units('estimated', 'metrics.divisor') }}

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
        'inferred', 'p_value', ['experiment_id', 'treatment', 'metric'],
        'days_since_exposure'
    ) }}

)

select
    adjusted.experiment_id,
    adjusted.treatment,
    adjusted.metric,
    adjusted.days_since_exposure,
    adjusted.estimator,
    adjusted.unit,
    adjusted.control_units + adjusted.treatment_units as n_units,
    adjusted.control_mean,
    adjusted.treatment_mean,
    adjusted.effect,
    adjusted.std_error,
    adjusted.p_value,
    adjusted.p_value_holm,
    adjusted.ci_lower,
    adjusted.ci_upper,
    novelty.novelty_difference,
    novelty.p_value as novelty_p_value

from adjusted
left join novelty
    on
        adjusted.experiment_id = novelty.experiment_id
        and adjusted.treatment = novelty.treatment
        and adjusted.metric = novelty.metric
