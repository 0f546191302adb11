{{ config(tags=['deep']) }}

-- one row per scenario, replicate of the assignment, experiment, metric, stratum and arm
with

unit_cells as (

    select * from {{ ref('truth__unit_cells') }}

),

replicates as (

    select * from {{ series(0, setting('experiments_replicates'), 'replicate') }}

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

    {{ summed_cells(
        'treated',
        ['replicate', 'experiment_id', 'metric', 'stratum', 'assignment_probability']
    ) }}

),

all_cells as (

    {{ summed_cells(
        'unit_cells',
        ['experiment_id', 'metric', 'stratum', 'assignment_probability']
    ) }}

),

-- the others stay in control: all units less those that are treated
control_cells as (

    select
        treated_cells.replicate,
        all_cells.experiment_id,
        all_cells.metric,
        all_cells.stratum,
        all_cells.assignment_probability,
        {{ subtracted_cells('all_cells', 'treated_cells') }}

    from all_cells
    inner join treated_cells
        on
            all_cells.experiment_id = treated_cells.experiment_id
            and all_cells.metric = treated_cells.metric
            and all_cells.stratum = treated_cells.stratum

    where not all_cells.is_treated and not treated_cells.is_treated

),

scenarios as (

    select
        'effect' as scenario,
        replicate,
        experiment_id,
        metric,
        stratum,
        assignment_probability,
        {{ cell_columns() | join(',\n        ') }},
        true as is_treated

    from treated_cells

    where is_treated

    union all

    -- the sharp null: the treatment does nothing to anybody
    select
        'sharp_null' as scenario,
        replicate,
        experiment_id,
        metric,
        stratum,
        assignment_probability,
        {{ cell_columns() | join(',\n        ') }},
        true as is_treated

    from treated_cells

    where not is_treated

    union all

    {% for scenario in ['effect', 'sharp_null'] %}
    select
        '{{ scenario }}' as scenario,
        replicate,
        experiment_id,
        metric,
        stratum,
        assignment_probability,
        {{ cell_columns() | join(',\n        ') }},
        false as is_treated

    from control_cells
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from scenarios

where n_units > 0
