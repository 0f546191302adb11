{{ config(tags=['monte_carlo']) }}

-- one row per replicate of the assignment, treatment, metric and look: what an analyst
-- would have seen under the sharp null
with

units as (

    select * from {{ ref('truth__sequential_units') }}

),

cells as (

    select * from {{ ref('truth__sequential_cells') }}

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

),

looks as (

    select distinct
        experiment_id,
        treatment,
        metric,
        look_number,
        as_of_date

    from units

),

strata as (

    select
        experiment_id,
        cell_number,
        max(stratum) as stratum,
        max(treatment_probability) as treatment_probability

    from units

    group by experiment_id, cell_number

),

compared as (

    select
        cells.*,
        strata.experiment_id,
        strata.stratum,
        case
            when cells.is_treated then strata.treatment_probability
            else 1 - strata.treatment_probability
        end as arm_probability

    from cells
    inner join strata on cells.cell_number = strata.cell_number

),

estimated as (

    {{ experiment_estimates(
        'compared', ['experiment_id', 'replicate', 'look_number']
    ) }}

),

described as (

    select
        estimated.replicate,
        looks.experiment_id,
        looks.treatment,
        looks.metric,
        looks.as_of_date,
        estimated.control_units + estimated.treatment_units as n_units,
        variants.compared_units as planned_units,
        least(
            1e0,
            cast(estimated.control_units + estimated.treatment_units as double)
            / variants.compared_units
        ) as information_fraction,
        estimated.effect,
        estimated.std_error,
        estimated.effect / estimated.std_error as statistic,
        coalesce(estimated.dof, cast('infinity' as double)) as dof

    from estimated
    inner join looks on estimated.look_number = looks.look_number
    inner join variants
        on
            looks.experiment_id = variants.experiment_id
            and looks.treatment = variants.variant

),

tested as (

    {{ student_t_sf2('described', 'statistic', 'dof', 'p_value_peeking') }}

),

sequenced as (

    {{ confidence_sequence('tested', 0.05) }}

),

-- replicates have the same looks, except where one has no estimate yet
bounded as (

    {{ group_sequential_bounds(
        'sequenced', ['experiment_id', 'treatment', 'metric', 'replicate'], 'as_of_date',
        0.05
    ) }}

),

obrien_fleming_tested as (

    {{ norm_sf2('bounded', 'obrien_fleming_bound', 'obrien_fleming_level') }}

),

pocock_tested as (

    {{ norm_sf2('obrien_fleming_tested', 'pocock_bound', 'pocock_level') }}

)

select
    replicate,
    experiment_id,
    treatment,
    metric,
    n_units,
    effect,
    std_error,
    p_value_peeking,
    sequence_p_value as p_value_sequence,
    coalesce(p_value_peeking <= obrien_fleming_level, false) as is_past_obrien_fleming,
    coalesce(p_value_peeking <= pocock_level, false) as is_past_pocock,
    as_of_date

from pocock_tested
