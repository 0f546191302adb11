-- one row per experiment, treatment, metric, estimator and estimand: the estimate
-- beside the truth
with

results as (

    select * from {{ ref('experiments__results') }}

),

quantile_effects as (

    select * from {{ ref('experiments__quantile_effects') }}

),

-- a quantile is an estimator of its own
estimated as (

    {% for relation, estimator, estimand in [
        ('results', 'estimator', 'estimand'),
        ('quantile_effects', "'quantile'", "concat('quantile:', quantile)"),
    ] -%}
        select
            experiment_id,
            treatment,
            metric,
            {{ estimator }} as estimator,
            {{ estimand }} as estimand,
            role,
            effect,
            std_error,
            ci_lower,
            ci_upper

        from {{ relation }}

        {{ 'union all' if not loop.last }}

    {% endfor -%}

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
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        estimated.estimator,
        estimated.estimand,
        estimated.role,
        estimated.effect,
        estimated.std_error,
        estimated.ci_lower,
        estimated.ci_upper,
        effects.true_effect,
        estimated.effect - effects.true_effect as bias,
        (estimated.effect - effects.true_effect) / nullif(estimated.std_error, 0)
            as bias_in_std_errors,
        effects_on_all.true_effect as true_effect_on_all,
        (estimated.effect - effects_on_all.true_effect) / nullif(estimated.std_error, 0)
            as bias_on_all_in_std_errors,
        effects.true_effect between estimated.ci_lower and estimated.ci_upper
            as covers_truth

    from estimated
    left join effects
        on
            estimated.experiment_id = effects.experiment_id
            and estimated.treatment = effects.treatment
            and estimated.metric = effects.metric
            and estimated.estimand = effects.estimand
    left join effects_on_all
        on
            estimated.experiment_id = effects_on_all.experiment_id
            and estimated.treatment = effects_on_all.treatment
            and estimated.metric = effects_on_all.metric
            and estimated.estimand = effects_on_all.estimand

)

select * from compared
