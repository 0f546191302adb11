-- one row per experiment, treatment, metric, dimension and segment
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

divided as (

    select
        unit_metrics.*,
        'segment' as dimension,
        unit_metrics.segment as part

    from unit_metrics

    union all

    select
        unit_metrics.*,
        'exposure_week' as dimension,
        cast(exposures.cohort_week as {{ dbt.type_string() }}) as part

    from unit_metrics
    inner join exposures
        on
            unit_metrics.experiment_id = exposures.experiment_id
            and unit_metrics.unit_id = exposures.unit_id

    where exposures.cohort_week is not null

),

aggregated_to_cell as (

    select
        experiment_id,
        variant,
        metric,
        dimension,
        part,
        stratum,
        assignment_probability,
        {{ cell_sums(numerator='numerator_winsorized') }}

    from divided

    group by
        experiment_id, variant, metric, dimension, part, stratum, assignment_probability

),

compared as (

    {{ compared_cells(
        'aggregated_to_cell', ['experiment_id', 'metric', 'dimension', 'part']
    ) }}

),

estimated as (

    {{ experiment_estimates(
        'compared', ['experiment_id', 'treatment', 'metric', 'dimension', 'part']
    ) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        estimated.dimension,
        estimated.part as segment,
        estimated.estimator,
        metrics.role,
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

adjusted as (

    {{ multiple_testing(
        'inferred', 'p_value', ['experiment_id', 'dimension'],
        'metric, treatment, segment'
    ) }}

),

interaction as (

    {{ interaction_test(
        'adjusted', ['experiment_id', 'treatment', 'metric', 'dimension'], 'segment'
    ) }}

),

interaction_adjusted as (

    {{ multiple_testing(
        'interaction', 'interaction_p_value', ['experiment_id', 'dimension'],
        'metric, treatment'
    ) }}

)

select
    adjusted.experiment_id,
    adjusted.treatment,
    adjusted.metric,
    adjusted.dimension,
    adjusted.segment,
    adjusted.estimator,
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
    interaction_adjusted.q_statistic,
    interaction_adjusted.interaction_dof,
    interaction_adjusted.interaction_p_value,
    interaction_adjusted.interaction_p_value_holm

from adjusted
left join interaction_adjusted
    on
        adjusted.experiment_id = interaction_adjusted.experiment_id
        and adjusted.treatment = interaction_adjusted.treatment
        and adjusted.metric = interaction_adjusted.metric
        and adjusted.dimension = interaction_adjusted.dimension
