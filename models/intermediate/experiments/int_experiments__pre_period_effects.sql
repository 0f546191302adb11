-- one row per experiment, treatment and metric with a pre-period
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
        covariate_count as n_units,
        covariate_sum as main_sum,
        covariate_sum_squares as main_sum_squares,
        {{ no_denominator_sums() }},
        cast(0 as bigint) as covariate_count,
        {{ no_covariate_sums() }},
        is_treated

    from compared

    where covariate_count > 0

),

estimated as (

    {{ estimates(
        'covariates', ['experiment_id', 'treatment', 'metric'], stratified=false
    ) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        metrics.unit,
        {{ in_units('estimated', 'metrics.divisor') }}

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
    treatment,
    metric,
    unit,
    control_units,
    treatment_units,
    effect,
    std_error,
    dof,
    statistic,
    p_value,
    ci_lower,
    ci_upper

from inferred
