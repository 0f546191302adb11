{{ config(tags=['monte_carlo']) }}

-- one row per experiment, treatment, metric and estimator
with

replicates as (

    select * from {{ ref('truth__replicate_estimates') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

judged as (

    select
        replicates.scenario,
        replicates.replicate,
        replicates.experiment_id,
        replicates.treatment,
        replicates.metric,
        replicates.estimator,
        replicates.effect / metrics.divisor as effect,
        replicates.std_error / metrics.divisor as std_error,
        replicates.true_effect / metrics.divisor as true_effect,
        replicates.error_p_value >= 0.05 as is_covering,
        replicates.p_value < 0.05 as is_significant

    from replicates
    inner join metrics
        on
            replicates.experiment_id = metrics.experiment_id
            and replicates.metric = metrics.metric

),

-- ordered_sum() keeps the last digits from depending on threads
aggregated_to_scenario as (

    select
        experiment_id,
        treatment,
        metric,
        estimator,
        scenario,
        count(*) as replicate_count,
        max(true_effect) as true_effect,
        {{ ordered_sum('effect', 'replicate') }} / count(*) as mean_effect,
        {{ ordered_sum('power(effect - true_effect, 2)', 'replicate') }} / count(*)
            as mean_squared_error,
        {{ ordered_sum('std_error * std_error', 'replicate') }} / count(*)
            as mean_squared_std_error,
        count(case when is_covering then 1 end) as covering_count,
        count(case when is_significant then 1 end) as significant_count,
        count(case when is_significant and effect * true_effect < 0 then 1 end)
            as wrong_sign_count,
        {{ ordered_sum(
            'case when is_significant then abs(effect) end', 'replicate'
        ) }} as significant_size

    from judged

    group by experiment_id, treatment, metric, estimator, scenario

),

null_rejections as (

    select
        experiment_id,
        treatment,
        metric,
        estimator,
        cast(significant_count as double) / replicate_count as null_rejection_rate

    from aggregated_to_scenario

    where scenario = 'sharp_null'

),

described as (

    select
        effects.*,
        null_rejections.null_rejection_rate,
        effects.mean_effect - effects.true_effect as bias,
        sqrt(
            (
                effects.mean_squared_error
                - power(effects.mean_effect - effects.true_effect, 2)
            ) * effects.replicate_count / nullif(effects.replicate_count - 1, 0)
        ) as empirical_std_error,
        cast(effects.covering_count as double) / effects.replicate_count as coverage,
        cast(effects.significant_count as double) / effects.replicate_count as power

    from aggregated_to_scenario as effects
    inner join null_rejections
        on
            effects.experiment_id = null_rejections.experiment_id
            and effects.treatment = null_rejections.treatment
            and effects.metric = null_rejections.metric
            and effects.estimator = null_rejections.estimator

    where effects.scenario = 'effect'

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    replicate_count,
    true_effect,
    mean_effect,
    bias,
    empirical_std_error / sqrt(replicate_count) as bias_mcse,
    empirical_std_error,
    sqrt(mean_squared_std_error) as model_std_error,
    coverage,
    sqrt(coverage * (1 - coverage) / replicate_count) as coverage_mcse,
    power,
    {{ ratio('wrong_sign_count', 'significant_count') }} as type_s_error,
    significant_size / nullif(significant_count * abs(true_effect), 0) as exaggeration,
    null_rejection_rate,
    sqrt(null_rejection_rate * (1 - null_rejection_rate) / replicate_count)
        as null_rejection_mcse

from described
