-- one row per experiment, treatment, metric, estimator and estimand that can be
-- estimated
with

statistics as (

    select * from {{ ref('int_experiments__sufficient_statistics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

compared as (

    {{ compared_cells('statistics', ['experiment_id', 'metric']) }}

),

estimated as (

    {{ estimates('compared', ['experiment_id', 'treatment', 'metric']) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.treatment,
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

    where
        estimated.std_error is not null
        -- differences need a past that was measured in the same way
        and (
            estimated.estimator != 'did'
            or metrics.covariate_days
            = metrics.window_end_day - metrics.window_start_day + 1
        )

),

inferred as (

    {{ t_inference('described') }}

),

compared_with_naive as (

    select
        *,
        sqrt(control_mean_variance) as control_std_error,
        sqrt(treatment_mean_variance) as treatment_std_error,
        1 - std_error * std_error / (
            max(case when estimator = 'naive' then std_error * std_error end)
                over (partition by experiment_id, treatment, metric)
        ) as variance_reduction,
        -- with fewer, Student's t leans on values being normal
        least(control_units, treatment_units, dof) < 30 as has_small_arm

    from inferred

),

ranked as (

    {{ decisive_estimates(
        'compared_with_naive', ['experiment_id', 'treatment', 'metric']
    ) }}

),

adjusted as (

    {{ multiple_testing(
        'ranked', 'p_value', ['experiment_id', 'role', 'estimator', 'estimand'],
        'metric, treatment'
    ) }}

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    estimand,
    role,
    kind,
    unit,
    control_units,
    treatment_units,
    control_mean,
    control_std_error,
    treatment_mean,
    treatment_std_error,
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
    effective_sample_size,
    is_decisive,
    has_small_arm

from adjusted
