-- one row per experiment, metric, estimator and estimand
with

statistics as (

    select * from {{ ref('int_experiments__sufficient_statistics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

estimated as (

    {{ estimates('statistics', ['experiment_id', 'metric']) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.metric,
        estimated.estimator,
        estimated.estimand,
        metrics.role,
        metrics.kind,
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

compared_with_naive as (

    select
        *,
        1 - std_error * std_error / (
            max(case when estimator = 'naive' then std_error * std_error end)
                over (partition by experiment_id, metric)
        ) as variance_reduction

    from inferred

),

adjusted as (

    {{ multiple_testing(
        'compared_with_naive', 'p_value',
        ['experiment_id', 'role', 'estimator', 'estimand'], 'metric'
    ) }}

)

select
    experiment_id,
    metric,
    estimator,
    estimand,
    role,
    kind,
    unit,
    control_units,
    treatment_units,
    control_mean,
    treatment_mean,
    effect,
    std_error,
    dof,
    statistic,
    p_value,
    p_value_holm,
    p_value_bh,
    ci_lower,
    ci_upper,
    relative_effect,
    relative_ci_lower,
    relative_ci_upper,
    variance_reduction,
    effective_sample_size

from adjusted
