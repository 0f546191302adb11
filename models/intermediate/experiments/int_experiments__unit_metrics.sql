-- one row per experiment, unit with one variant, and metric with full follow-up
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

unit_metrics as (

    {{ union_of_worlds('int', 'unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

caps as (

    select * from {{ ref('int_experiments__winsor_caps') }}

),

described as (

    select
        unit_metrics.experiment_id,
        unit_metrics.unit_id,
        unit_metrics.metric,
        metrics.kind,
        exposures.variant,
        exposures.stratum,
        exposures.segment,
        unit_metrics.numerator,
        unit_metrics.denominator,
        unit_metrics.covariate,
        exposures.assignment_probability,
        exposures.is_treated,
        exposures.exposure_date

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

winsorized as (

    select
        described.experiment_id,
        described.unit_id,
        described.metric,
        described.kind,
        described.variant,
        described.stratum,
        described.segment,
        described.numerator,
        described.denominator,
        least(
            described.numerator, coalesce(caps.numerator_cap, described.numerator)
        ) as numerator_winsorized,
        -- cut where the metric is, so that both measure the same; null stays null
        case
            when described.covariate > caps.numerator_cap then caps.numerator_cap
            else described.covariate
        end as covariate,
        described.assignment_probability,
        described.is_treated,
        described.exposure_date

    from described
    left join caps
        on
            described.experiment_id = caps.experiment_id
            and described.metric = caps.metric

)

select * from winsorized
