{{ config(tags=['monte_carlo']) }}

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

counted as (

    select
        *,
        count(*) over (partition by experiment_id) as unit_count

    from units

),

-- of more than 1,000 units, the thousandths into which their hashes fall are drawn
clustered as (

    select
        experiment_id,
        unit_hash,
        case
            when unit_count <= 1000 then unit_hash
            else {{ text_key("concat(experiment_id, '/', unit_hash % 1000)") }}
        end as cluster_key

    from counted

),

clusters as (

    select distinct
        experiment_id,
        cluster_key

    from clustered

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
        clusters.experiment_id,
        clusters.cluster_key,
        replicates.replicate,
        {{ uniform(
            fold_in('clusters.cluster_key', 'replicates.replicate'),
            'experiments.bootstrap.weight'
        ) }} as weight_uniform

    from clusters
    cross join replicates

),

-- one weight for all metrics of a unit; more than 17 have a probability below 2^-53
weighted as (

    select
        experiment_id,
        cluster_key,
        replicate,
        {{ poisson('weight_uniform', '1e0', highest=17) }} as weight

    from drawn

),

celled as (

    select
        unit_metrics.experiment_id,
        unit_metrics.variant,
        unit_metrics.stratum,
        unit_metrics.metric,
        clustered.cluster_key,
        unit_metrics.assignment_probability,
        {{ cell_sums(numerator='unit_metrics.numerator_winsorized') }}

    from unit_metrics
    inner join clustered
        on
            unit_metrics.experiment_id = clustered.experiment_id
            and unit_metrics.unit_hash = clustered.unit_hash

    group by
        unit_metrics.experiment_id,
        unit_metrics.variant,
        unit_metrics.stratum,
        unit_metrics.metric,
        clustered.cluster_key,
        unit_metrics.assignment_probability

),

-- numbers, because joining and grouping by names takes a third longer
numbered as (

    select
        *,
        dense_rank() over (
            order by experiment_id, variant, stratum, metric, assignment_probability
        ) as cell_number,
        dense_rank() over (order by experiment_id, cluster_key) as cluster_number

    from celled

),

cells as (

    select distinct
        cell_number,
        experiment_id,
        variant,
        stratum,
        metric,
        assignment_probability

    from numbered

),

cluster_numbers as (

    select distinct
        experiment_id,
        cluster_key,
        cluster_number

    from numbered

),

weights as (

    select
        cluster_numbers.cluster_number,
        weighted.replicate,
        weighted.weight

    from weighted
    inner join cluster_numbers
        on
            weighted.experiment_id = cluster_numbers.experiment_id
            and weighted.cluster_key = cluster_numbers.cluster_key

    where weighted.weight > 0

),

weighted_cells as (

    select
        numbered.cell_number,
        {%- for column in cell_columns() %}
            {{ exact_sum('weights.weight * numbered.' ~ column) }} as {{ column }},
        {%- endfor %}
        weights.replicate

    from numbered
    inner join weights on numbered.cluster_number = weights.cluster_number

    group by numbered.cell_number, weights.replicate

),

aggregated_to_replicate as (

    select
        cells.experiment_id,
        cells.variant,
        cells.stratum,
        cells.metric,
        cells.assignment_probability,
        weighted_cells.{{ cell_columns() | join(',\n        weighted_cells.') }},
        weighted_cells.replicate

    from weighted_cells
    inner join cells on weighted_cells.cell_number = cells.cell_number

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
