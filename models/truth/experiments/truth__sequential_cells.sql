{{ config(tags=['deep']) }}

-- one row per replicate of the assignment, look and arm: exact sums over the units that
-- the replicate puts into the arm and whose windows are over on that look alone
with

units as (

    select
        *,
        cast(0 as bigint) as covariate_count,
        {{ no_covariate_sums() }},
        false as is_treated

    from {{ ref('truth__sequential_units') }}

),

replicates as (

    select * from {{ series(0, setting('experiments_replicates'), 'replicate') }}

),

-- units that a replicate treats: under the sharp null they do what they do in control
treated as (

    select
        replicates.replicate,
        units.*

    from units
    cross join replicates

    where
        {{ uniform(
            fold_in('units.unit_key', 'replicates.replicate'),
            'truth.sequential_calibration.assignment'
        ) }} < units.assignment_probability

),

treated_cells as (

    {{ summed_cells('treated', ['replicate', 'metric_number', 'look_number']) }}

),

all_cells as (

    {{ summed_cells('units', ['metric_number', 'look_number']) }}

),

-- the others stay in control: all units less those that are treated
control_cells as (

    select
        replicates.replicate,
        all_cells.metric_number,
        all_cells.look_number,
        {{ subtracted_cells('all_cells', 'treated_cells') }},
        false as is_treated

    from all_cells
    cross join replicates
    left join treated_cells
        on
            replicates.replicate = treated_cells.replicate
            and all_cells.look_number = treated_cells.look_number

),

-- and back, so that a look at which nobody is treated has a row for them all the same
treatment_cells as (

    select
        control_cells.replicate,
        all_cells.metric_number,
        all_cells.look_number,
        {{ subtracted_cells('all_cells', 'control_cells') }},
        true as is_treated

    from all_cells
    inner join control_cells on all_cells.look_number = control_cells.look_number

),

both_arms as (

    select * from control_cells

    union all

    select * from treatment_cells

)

select * from both_arms
