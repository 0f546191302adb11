-- one row per experiment and metric that is winsorized
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

unit_metrics as (

    {{ union_of_worlds('int', 'unit_metrics') }}

),

metrics as (

    select
        experiment_id,
        metric,
        cast(floor(cap_quantile * 1000000 + 0.5) as bigint) as quantile_ppm

    from {{ ref('int_experiments__metrics') }}

    where cap_quantile is not null

),

ordered as (

    select
        unit_metrics.experiment_id,
        unit_metrics.metric,
        unit_metrics.numerator,
        metrics.quantile_ppm,
        row_number() over (
            partition by unit_metrics.experiment_id, unit_metrics.metric
            order by unit_metrics.numerator, unit_metrics.unit_id
        ) as position,
        count(*) over (
            partition by unit_metrics.experiment_id, unit_metrics.metric
        ) as unit_count

    from unit_metrics
    inner join exposures
        on
            unit_metrics.experiment_id = exposures.experiment_id
            and unit_metrics.unit_id = exposures.unit_id
    inner join metrics
        on
            unit_metrics.experiment_id = metrics.experiment_id
            and unit_metrics.metric = metrics.metric

),

-- the smallest value of which at least the quantile's share of units is not above
capped as (

    select
        experiment_id,
        metric,
        max(numerator) as numerator_cap

    from ordered

    where
        position
        = {{ integer_quotient('(quantile_ppm * unit_count + 999999)', 1000000) }}

    group by experiment_id, metric

)

select * from capped
