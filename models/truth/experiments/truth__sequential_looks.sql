{{ config(tags=['deep']) }}

-- one row per replicate of the assignment and look: what an analyst would have seen
-- under the sharp null
with

units as (

    select * from {{ ref('truth__sequential_units') }}

),

cells as (

    select * from {{ ref('truth__sequential_cells') }}

),

looks as (

    select
        experiment_id,
        metric,
        metric_number,
        look_number,
        as_of_date

    from units

    group by experiment_id, metric, metric_number, look_number, as_of_date

),

running as (

    select
        cells.replicate,
        cells.look_number,
        {{ running_cells('cells', 'so_far') }},
        cells.is_treated

    from cells

    window
        so_far as (
            partition by cells.replicate, cells.metric_number, cells.is_treated
            order by cells.look_number
        )

),

begun as (

    select * from running

    where n_units > 0

),

estimated as (

    {{ estimates('begun', ['replicate', 'look_number'], stratified=false) }}

),

described as (

    select
        estimated.replicate,
        looks.experiment_id,
        looks.metric,
        looks.as_of_date,
        estimated.control_units + estimated.treatment_units as n_units,
        max(estimated.control_units + estimated.treatment_units) over (
            partition by estimated.replicate, looks.metric_number
        ) as planned_units,
        estimated.effect,
        estimated.std_error,
        estimated.effect / estimated.std_error as statistic,
        estimated.dof

    from estimated
    inner join looks on estimated.look_number = looks.look_number

    where estimated.estimator = 'naive'

),

tested as (

    {{ student_t_sf2('described', 'statistic', 'dof', 'p_value_peeking') }}

),

sequenced as (

    {{ confidence_sequence('tested', 0.05) }}

)

select
    replicate,
    experiment_id,
    metric,
    n_units,
    effect,
    std_error,
    p_value_peeking,
    sequence_p_value as p_value_sequence,
    as_of_date

from sequenced
