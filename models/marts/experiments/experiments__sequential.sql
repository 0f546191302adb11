-- one row per experiment, treatment, metric and date on which windows of units end
with

statistics as (

    select * from {{ ref('int_experiments__running_statistics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

),

compared as (

    {{ compared_cells('statistics', ['experiment_id', 'metric', 'as_of_date']) }}

),

estimated as (

    {{ experiment_estimates(
        'compared', ['experiment_id', 'treatment', 'metric', 'as_of_date']
    ) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.treatment,
        estimated.metric,
        estimated.as_of_date,
        estimated.estimator,
        estimated.control_units + estimated.treatment_units as n_units,
        -- without a plan, the units that have come
        coalesce(
            variants.compared_units,
            max(estimated.control_units + estimated.treatment_units) over (
                partition by
                    estimated.experiment_id, estimated.treatment, estimated.metric
            )
        ) as planned_units,
        estimated.effect / metrics.divisor as effect,
        estimated.std_error / metrics.divisor as std_error,
        estimated.effect / estimated.std_error as statistic,
        coalesce(estimated.dof, cast('infinity' as double)) as dof

    from estimated
    inner join metrics
        on
            estimated.experiment_id = metrics.experiment_id
            and estimated.metric = metrics.metric
    inner join variants
        on
            estimated.experiment_id = variants.experiment_id
            and estimated.treatment = variants.variant

),

looks as (

    select
        *,
        least(1e0, cast(n_units as double) / planned_units) as information_fraction

    from described

),

tested as (

    {{ student_t_sf2('looks', 'statistic', 'dof', 'p_value_peeking') }}

),

sequenced as (

    {{ confidence_sequence('tested', 0.05) }}

),

bounded as (

    {{ group_sequential_bounds(
        'sequenced', ['experiment_id', 'treatment', 'metric'], 'as_of_date', 0.05
    ) }}

),

-- a bound is one of a normal statistic: Student's is compared by its p-value
obrien_fleming_tested as (

    {{ norm_sf2('bounded', 'obrien_fleming_bound', 'obrien_fleming_level') }}

),

pocock_tested as (

    {{ norm_sf2('obrien_fleming_tested', 'pocock_bound', 'pocock_level') }}

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    n_units,
    planned_units,
    information_fraction,
    effect,
    std_error,
    p_value_peeking,
    min(sequence_p_value) over (
        partition by experiment_id, treatment, metric
        order by as_of_date
    ) as p_value_always_valid,
    effect - sequence_margin as cs_lower,
    effect + sequence_margin as cs_upper,
    obrien_fleming_bound,
    pocock_bound,
    p_value_peeking <= obrien_fleming_level as is_past_obrien_fleming,
    p_value_peeking <= pocock_level as is_past_pocock,
    as_of_date

from pocock_tested
