-- one row per experiment, treatment, metric, estimator and estimand: the estimate
-- beside the truth
with

results as (

    select * from {{ ref('experiments__results') }}

),

effects as (

    select * from {{ ref('truth__effects') }}

    where scope = 'all'

),

-- what an estimate should be of, where the log of some units was lost
effects_on_all as (

    select * from {{ ref('truth__effects') }}

    where scope = 'all_with_unlogged'

),

compared as (

    select
        results.experiment_id,
        results.treatment,
        results.metric,
        results.estimator,
        results.estimand,
        results.role,
        results.effect,
        results.std_error,
        results.ci_lower,
        results.ci_upper,
        effects.true_effect,
        results.effect - effects.true_effect as bias,
        (results.effect - effects.true_effect) / nullif(results.std_error, 0)
            as bias_in_std_errors,
        effects_on_all.true_effect as true_effect_on_all,
        (results.effect - effects_on_all.true_effect) / nullif(results.std_error, 0)
            as bias_on_all_in_std_errors,
        effects.true_effect between results.ci_lower and results.ci_upper
            as covers_truth

    from results
    left join effects
        on
            results.experiment_id = effects.experiment_id
            and results.treatment = effects.treatment
            and results.metric = effects.metric
            and results.estimand = effects.estimand
    left join effects_on_all
        on
            results.experiment_id = effects_on_all.experiment_id
            and results.treatment = effects_on_all.treatment
            and results.metric = effects_on_all.metric
            and results.estimand = effects_on_all.estimand

)

select * from compared
