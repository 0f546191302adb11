{{ config(tags=['deep']) }}

-- one row per experiment, treatment, metric and replicate
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

units as (

    select distinct
        experiment_id,
        unit_hash

    from unit_metrics

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

replicates as (

    select *
    from {{ series(0, setting('experiments_bootstrap_replicates'), 'replicate') }}

),

drawn as (

    select
        units.experiment_id,
        units.unit_hash,
        replicates.replicate,
        {{ uniform(
            fold_in('units.unit_hash', 'replicates.replicate'),
            'experiments.bootstrap.weight'
        ) }} as weight_uniform

    from units
    cross join replicates

),

-- a unit has the same weight in all of its metrics; more than 17 have a probability
-- below 2^-53
weighted as (

    select
        experiment_id,
        unit_hash,
        replicate,
        {{ poisson('weight_uniform', '1e0', highest=17) }} as weight

    from drawn

),

unit_cells as (

    select
        experiment_id,
        variant,
        stratum,
        metric,
        unit_hash,
        assignment_probability,
        {{ unit_cell(
            'numerator_winsorized', 'denominator', 'covariate', is_wide=true
        ) }}

    from unit_metrics

),

aggregated_to_replicate as (

    select
        unit_cells.experiment_id,
        unit_cells.variant,
        unit_cells.stratum,
        unit_cells.metric,
        unit_cells.assignment_probability,
        {%- for column in cell_columns() %}
            {{ exact_sum('weighted.weight * unit_cells.' ~ column) }} as {{ column }},
        {%- endfor %}
        weighted.replicate

    from unit_cells
    inner join weighted
        on
            unit_cells.experiment_id = weighted.experiment_id
            and unit_cells.unit_hash = weighted.unit_hash

    where weighted.weight > 0

    group by
        unit_cells.experiment_id,
        unit_cells.variant,
        unit_cells.stratum,
        unit_cells.metric,
        unit_cells.assignment_probability,
        weighted.replicate

),

compared as (

    {{ compared_cells(
        'aggregated_to_replicate', ['experiment_id', 'metric', 'replicate']
    ) }}

),

estimated as (

    {{ experiment_estimates(
        'compared', ['experiment_id', 'treatment', 'metric', 'replicate']
    ) }}

)

select
    estimated.experiment_id,
    estimated.treatment,
    estimated.metric,
    estimated.estimator,
    estimated.replicate,
    estimated.effect / metrics.divisor as effect,
    estimated.std_error / metrics.divisor as std_error

from estimated
inner join metrics
    on
        estimated.experiment_id = metrics.experiment_id
        and estimated.metric = metrics.metric
