-- one row per experiment, treatment, metric with a pre-period, and estimator
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

-- the past in the place of the metric, of the units that have one
covariates as (

    select
        experiment_id,
        treatment,
        metric,
        stratum,
        covariate_count as n_units,
        cast(null as bigint) as nonzero_count,
        covariate_sum as main_sum,
        covariate_sum_squares as main_sum_squares,
        {{ no_denominator_sums() }},
        cast(0 as bigint) as covariate_count,
        {{ no_covariate_sums() }},
        arm_probability,
        is_treated

    from compared

    where covariate_count > 0

),

estimated as (

    {{ estimates('covariates', ['experiment_id', 'treatment', 'metric']) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        estimated.estimator,
        metrics.unit,
        {{ in_units('estimated', 'metrics.divisor') }}

    from estimated
    inner join metrics
        on
            estimated.experiment_id = metrics.experiment_id
            and estimated.metric = metrics.metric

    where
        estimated.estimator in ('naive', 'post_stratified')
        and estimated.estimand = 'sate'

),

inferred as (

    {{ t_inference('described') }}

),

-- the spread of units within an arm, from the errors of the plain means
spread as (

    select
        *,
        sqrt(
            max(case when estimator = 'naive' then (
                control_units * control_mean_variance
                + treatment_units * treatment_mean_variance
            ) / 2 end) over (partition by experiment_id, treatment, metric)
        ) as standard_deviation

    from inferred

),

balanced as (

    {{ balance_test('covariates', ['experiment_id', 'treatment', 'metric']) }}

)

select
    spread.experiment_id,
    spread.treatment,
    spread.metric,
    spread.estimator,
    spread.unit,
    spread.control_units,
    spread.treatment_units,
    spread.effect,
    spread.std_error,
    spread.dof,
    spread.statistic,
    spread.p_value,
    spread.ci_lower,
    spread.ci_upper,
    spread.effect / nullif(spread.standard_deviation, 0) as standardized_difference,
    balanced.balance_statistic,
    balanced.balance_p_value

from spread
inner join balanced
    on
        spread.experiment_id = balanced.experiment_id
        and spread.treatment = balanced.treatment
        and spread.metric = balanced.metric
