{{ config(tags=['deep']) }}

-- one row per experiment, metric and replicate
with

unit_metrics as (

    select
        experiment_id,
        metric,
        numerator_winsorized as numerator,
        denominator,
        {{ text_key("concat(experiment_id, '/', unit_id)") }} as unit_key,
        is_treated

    from {{ ref('int_experiments__unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

replicates as (

    select *
    from {{ series(0, setting('experiments_bootstrap_replicates'), 'replicate') }}

),

-- a unit has the same weight in all of its metrics
drawn as (

    select
        unit_metrics.*,
        replicates.replicate,
        {{ uniform(
            fold_in('unit_metrics.unit_key', 'replicates.replicate'),
            'experiments.bootstrap.weight'
        ) }} as weight_uniform

    from unit_metrics
    cross join replicates

),

-- more than 17 have a probability below 2^-53
weighted as (

    select
        *,
        {{ poisson('weight_uniform', '1e0', highest=17) }} as weight

    from drawn

),

aggregated_to_replicate as (

    select
        experiment_id,
        metric,
        replicate,
        sum(case when is_treated then weight * numerator end) as treated_numerator,
        sum(case when is_treated then weight * coalesce(denominator, 1) end)
            as treated_denominator,
        sum(case when not is_treated then weight * numerator end) as control_numerator,
        sum(case when not is_treated then weight * coalesce(denominator, 1) end)
            as control_denominator

    from weighted

    group by experiment_id, metric, replicate

),

compared as (

    select
        sums.experiment_id,
        sums.metric,
        sums.replicate,
        (
            {{ ratio('sums.treated_numerator', 'sums.treated_denominator') }}
            - {{ ratio('sums.control_numerator', 'sums.control_denominator') }}
        ) / metrics.divisor as effect

    from aggregated_to_replicate as sums
    inner join metrics
        on sums.experiment_id = metrics.experiment_id and sums.metric = metrics.metric

)

select * from compared
