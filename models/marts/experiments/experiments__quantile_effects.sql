-- one row per experiment, treatment, metric and quantile
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

    where quantiles is not null

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

),

variant_values as (

    select
        unit_metrics.experiment_id,
        unit_metrics.metric,
        unit_metrics.variant,
        unit_metrics.unit_id,
        unit_metrics.numerator

    from unit_metrics
    inner join metrics
        on
            unit_metrics.experiment_id = metrics.experiment_id
            and unit_metrics.metric = metrics.metric

),

variant_quantiles as (

    {{ sample_quantiles(
        'variant_values', 'metrics', ['experiment_id', 'metric', 'variant']
    ) }}

),

-- no error at all is no error known: all order statistics are equal
compared as (

    select
        controls.experiment_id,
        treatments.variant as treatment,
        controls.metric,
        metrics.role,
        controls.quantile,
        controls.n_units as control_units,
        treatments.n_units as treatment_units,
        controls.sample_quantile as control_quantile,
        treatments.sample_quantile as treatment_quantile,
        treatments.sample_quantile - controls.sample_quantile as effect,
        nullif(
            sqrt(
                controls.std_error * controls.std_error
                + treatments.std_error * treatments.std_error
            ), 0
        ) as std_error

    from variant_quantiles as controls
    inner join variants
        on
            controls.experiment_id = variants.experiment_id
            and controls.variant = variants.variant
            and variants.is_control
    inner join variant_quantiles as treatments
        on
            controls.experiment_id = treatments.experiment_id
            and controls.metric = treatments.metric
            and controls.quantile = treatments.quantile
            and controls.variant != treatments.variant
    inner join metrics
        on
            controls.experiment_id = metrics.experiment_id
            and controls.metric = metrics.metric

),

standardized as (

    select
        *,
        effect / std_error as statistic

    from compared

),

tested as (

    {{ norm_sf2('standardized', 'statistic', 'p_value') }}

),

adjusted as (

    {{ multiple_testing(
        'tested', 'p_value', ['experiment_id', 'role'], 'metric, treatment, quantile'
    ) }}

)

select
    experiment_id,
    treatment,
    metric,
    role,
    quantile,
    control_units,
    treatment_units,
    control_quantile,
    treatment_quantile,
    effect,
    std_error,
    p_value,
    p_value_holm,
    p_value_bh,
    effect - {{ z_95() }} * std_error as ci_lower,
    effect + {{ z_95() }} * std_error as ci_upper

from adjusted
