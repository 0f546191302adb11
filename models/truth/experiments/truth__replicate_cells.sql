{{ config(tags=['monte_carlo']) }}

-- one row per scenario, replicate, experiment, treatment, metric, stratum and arm
with

unit_cells as (

    select * from {{ ref('truth__unit_cells') }}

),

replicates as (

    select * from {{ series(0, setting('experiments_replicates'), 'replicate') }}

),

cells as (

    select distinct
        cell_number,
        experiment_id,
        treatment,
        metric,
        stratum,
        assignment_probability

    from unit_cells

),

-- units that a replicate treats, with what they do under either arm
treated as (

    select
        replicates.replicate,
        unit_cells.*

    from unit_cells
    cross join replicates

    where
        {{ uniform(
            fold_in('unit_cells.unit_key', 'replicates.replicate'),
            'truth.calibration.assignment'
        ) }} < unit_cells.assignment_probability

),

treated_cells as (

    {{ summed_cells('treated', ['replicate', 'cell_number', 'is_lost']) }}

),

-- a lost log is of no arm, but its unit is not in control either
assigned_cells as (

    {{ summed_cells('treated_cells', ['replicate', 'cell_number']) }}

),

logged_cells as (

    {{ summed_cells('treated_cells', ['replicate', 'cell_number'], 'not is_lost') }}

),

all_cells as (

    {{ summed_cells('unit_cells', ['cell_number']) }}

),

-- the others stay in control: all units less those that are treated
control_cells as (

    select
        replicates.replicate,
        all_cells.cell_number,
        {{ subtracted_cells('all_cells', 'assigned_cells') }},
        false as is_treated

    from all_cells
    cross join replicates
    left join assigned_cells
        on
            replicates.replicate = assigned_cells.replicate
            and all_cells.cell_number = assigned_cells.cell_number
            and all_cells.is_treated = assigned_cells.is_treated

    where not all_cells.is_treated

),

-- under the sharp null the treated do what they do without the treatment
scenarios as (

    select
        'effect' as scenario,
        *

    from control_cells

    union all

    select
        'sharp_null' as scenario,
        *

    from control_cells

    union all

    select
        'effect' as scenario,
        *

    from logged_cells

    where is_treated

    union all

    select
        'sharp_null' as scenario,
        replicate,
        cell_number,
        {{ cell_columns() | join(',\n        ') }},
        true as is_treated

    from logged_cells

    where not is_treated

),

named as (

    select
        scenarios.scenario,
        scenarios.replicate,
        cells.experiment_id,
        cells.treatment,
        cells.metric,
        cells.stratum,
        case
            when scenarios.is_treated then cells.assignment_probability
            else 1 - cells.assignment_probability
        end as arm_probability,
        {%- for column in cell_columns() %}
            scenarios.{{ column }},
        {%- endfor %}
        scenarios.is_treated

    from scenarios
    inner join cells on scenarios.cell_number = cells.cell_number

    where scenarios.n_units > 0

)

select * from named
