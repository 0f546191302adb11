-- one row per experiment, metric and segment
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

-- within a segment every unit counts alike: the segment is the one stratum
aggregated_to_segment as (

    select
        experiment_id,
        metric,
        segment,
        is_treated,
        {{ cell_sums(numerator='numerator_winsorized') }}

    from unit_metrics

    group by experiment_id, metric, segment, is_treated

),

estimated as (

    {{ estimates(
        'aggregated_to_segment', ['experiment_id', 'metric', 'segment'],
        stratified=false
    ) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.metric,
        estimated.segment,
        metrics.role,
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

),

adjusted as (

    {{ multiple_testing(
        'inferred', 'p_value', ['experiment_id', 'metric'], 'segment'
    ) }}

),

interaction as (

    {{ interaction_test('adjusted', ['experiment_id', 'metric'], 'segment') }}

)

select
    adjusted.experiment_id,
    adjusted.metric,
    adjusted.segment,
    adjusted.role,
    adjusted.control_units,
    adjusted.treatment_units,
    adjusted.control_mean,
    adjusted.treatment_mean,
    adjusted.effect,
    adjusted.std_error,
    adjusted.dof,
    adjusted.p_value,
    adjusted.p_value_holm,
    adjusted.ci_lower,
    adjusted.ci_upper,
    interaction.q_statistic,
    interaction.interaction_dof,
    interaction.interaction_p_value

from adjusted
left join interaction
    on
        adjusted.experiment_id = interaction.experiment_id
        and adjusted.metric = interaction.metric
