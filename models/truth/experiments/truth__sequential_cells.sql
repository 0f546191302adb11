{{ config(tags=['monte_carlo']) }}

-- one row per replicate of the assignment, look, stratum and arm: exact sums over the
-- units that the replicate puts into the arm and whose windows are over on that look or
-- before
with

units as (

    select
        *,
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
        ) }} < units.treatment_probability

),

treated_cells as (

    {{ summed_cells('treated', ['replicate', 'cell_number', 'look_number']) }}

),

all_cells as (

    {{ summed_cells('units', ['cell_number', 'look_number']) }}

),

looks as (

    select distinct
        metric_number,
        look_number

    from units

),

strata as (

    select distinct
        metric_number,
        cell_number

    from units

),

-- every stratum is there on every look, also where the windows of others end
ended as (

    select
        replicates.replicate,
        looks.metric_number,
        strata.cell_number,
        looks.look_number,
        {{ subtracted_cells('all_cells', 'treated_cells') }},
        false as is_treated

    from looks
    inner join strata on looks.metric_number = strata.metric_number
    cross join replicates
    left join all_cells
        on
            strata.cell_number = all_cells.cell_number
            and looks.look_number = all_cells.look_number
    left join treated_cells
        on
            replicates.replicate = treated_cells.replicate
            and strata.cell_number = treated_cells.cell_number
            and looks.look_number = treated_cells.look_number

    union all

    select
        replicates.replicate,
        looks.metric_number,
        strata.cell_number,
        looks.look_number,
        {%- for column in cell_columns() %}
            treated_cells.{{ column }},
        {%- endfor %}
        true as is_treated

    from looks
    inner join strata on looks.metric_number = strata.metric_number
    cross join replicates
    left join treated_cells
        on
            replicates.replicate = treated_cells.replicate
            and strata.cell_number = treated_cells.cell_number
            and looks.look_number = treated_cells.look_number

),

running as (

    select
        ended.replicate,
        ended.metric_number,
        ended.cell_number,
        ended.look_number,
        {{ running_cells('ended', 'so_far') }},
        ended.is_treated

    from ended

    window
        so_far as (
            partition by replicate, cell_number, is_treated order by look_number
        )

)

select * from running

where n_units > 0
