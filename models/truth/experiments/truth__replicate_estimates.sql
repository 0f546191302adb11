{{ config(tags=['monte_carlo']) }}

-- one row per scenario, replicate of the assignment, experiment, treatment, metric and
-- estimator
with

cells as (

    select * from {{ ref('truth__replicate_cells') }}

),

unit_cells as (

    select * from {{ ref('truth__unit_cells') }}

),

estimated as (

    {{ estimates(
        'cells', ['scenario', 'replicate', 'experiment_id', 'treatment', 'metric']
    ) }}

),

aggregated_to_arm as (

    select
        experiment_id,
        treatment,
        metric,
        is_treated,
        cast(sum(main_sum) as double)
        / nullif(coalesce(sum(denominator_sum), sum(n_units)), 0) as true_mean

    from unit_cells

    group by experiment_id, treatment, metric, is_treated

),

true_effects as (

    select
        experiment_id,
        treatment,
        metric,
        max(case when is_treated then true_mean end)
        - max(case when not is_treated then true_mean end) as true_effect

    from aggregated_to_arm

    group by experiment_id, treatment, metric

),

compared as (

    select
        estimated.scenario,
        estimated.replicate,
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        estimated.estimator,
        estimated.effect,
        estimated.std_error,
        case when estimated.scenario = 'effect' then true_effects.true_effect else 0 end
            as true_effect,
        coalesce(estimated.dof, cast('infinity' as double)) as reference_dof

    from estimated
    inner join true_effects
        on
            estimated.experiment_id = true_effects.experiment_id
            and estimated.treatment = true_effects.treatment
            and estimated.metric = true_effects.metric

    -- differences in differences aim at the treated, here a random part of all
    where estimated.estimand = 'sate' or estimated.estimator = 'did'

),

standardized as (

    select
        *,
        effect / std_error as statistic,
        (effect - true_effect) / std_error as error_statistic

    from compared

),

tested as (

    {{ student_t_sf2('standardized', 'statistic', 'reference_dof', 'p_value') }}

),

held_against_truth as (

    {{ student_t_sf2('tested', 'error_statistic', 'reference_dof', 'error_p_value') }}

)

select
    scenario,
    replicate,
    experiment_id,
    treatment,
    metric,
    estimator,
    effect,
    std_error,
    true_effect,
    p_value,
    error_p_value

from held_against_truth

where std_error is not null
