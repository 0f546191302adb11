-- one row per experiment, metric and day since exposure
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

estimated as (

    {{ estimates(
        'statistics', ['experiment_id', 'metric', 'days_since_exposure']
    ) }}

),

described as (

    select
        estimated.experiment_id,
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

    -- right whether or not the probability of treatment differs between strata
    where
        estimated.estimator = 'post_stratified'
        and estimated.estimand = 'sate'

),

inferred as (

    {{ t_inference('described') }}

)

select
    inferred.experiment_id,
    inferred.metric,
    inferred.days_since_exposure,
    inferred.estimator,
    inferred.unit,
    inferred.control_units + inferred.treatment_units as n_units,
    inferred.control_mean,
    inferred.treatment_mean,
    inferred.effect,
    inferred.std_error,
    inferred.p_value,
    inferred.ci_lower,
    inferred.ci_upper,
    novelty.novelty_difference,
    novelty.p_value as novelty_p_value

from inferred
left join novelty
    on
        inferred.experiment_id = novelty.experiment_id
        and inferred.metric = novelty.metric
