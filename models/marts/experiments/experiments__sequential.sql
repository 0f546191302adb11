-- one row per experiment, metric and date on which windows of units end
with

statistics as (

    select * from {{ ref('int_experiments__running_statistics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

estimated as (

    {{ estimates(
        'statistics', ['experiment_id', 'metric', 'as_of_date'], stratified=false
    ) }}

),

described as (

    select
        estimated.experiment_id,
        estimated.metric,
        estimated.as_of_date,
        estimated.control_units + estimated.treatment_units as n_units,
        -- the sequence is made for the units that come in the end
        max(estimated.control_units + estimated.treatment_units) over (
            partition by estimated.experiment_id, estimated.metric
        ) as planned_units,
        estimated.effect / metrics.divisor as effect,
        estimated.std_error / metrics.divisor as std_error,
        estimated.effect / estimated.std_error as statistic,
        estimated.dof

    from estimated
    inner join metrics
        on
            estimated.experiment_id = metrics.experiment_id
            and estimated.metric = metrics.metric

    where estimated.estimator = 'naive'

),

tested as (

    {{ student_t_sf2('described', 'statistic', 'dof', 'p_value_peeking') }}

),

sequenced as (

    {{ confidence_sequence('tested', 0.05) }}

)

select
    experiment_id,
    metric,
    n_units,
    effect,
    std_error,
    p_value_peeking,
    min(sequence_p_value) over (
        partition by experiment_id, metric
        order by as_of_date
    ) as p_value_always_valid,
    effect - sequence_margin as cs_lower,
    effect + sequence_margin as cs_upper,
    as_of_date

from sequenced
