-- one row per experiment, metric and quantile
with

arm_quantiles as (

    select * from {{ ref('experiments__arm_quantiles') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

aggregated_to_quantile as (

    select
        arm_quantiles.experiment_id,
        arm_quantiles.metric,
        metrics.role,
        arm_quantiles.quantile,
        max(case when not arm_quantiles.is_treated then arm_quantiles.n_units else 0 end)
            as control_units,
        max(case when arm_quantiles.is_treated then arm_quantiles.n_units else 0 end)
            as treatment_units,
        max(case when not arm_quantiles.is_treated then arm_quantiles.arm_quantile end)
            as control_quantile,
        max(case when arm_quantiles.is_treated then arm_quantiles.arm_quantile end)
            as treatment_quantile,
        max(case when not arm_quantiles.is_treated then arm_quantiles.std_error end)
            as control_std_error,
        max(case when arm_quantiles.is_treated then arm_quantiles.std_error end)
            as treatment_std_error

    from arm_quantiles
    inner join metrics
        on
            arm_quantiles.experiment_id = metrics.experiment_id
            and arm_quantiles.metric = metrics.metric

    group by
        arm_quantiles.experiment_id,
        arm_quantiles.metric,
        metrics.role,
        arm_quantiles.quantile

),

-- no error at all is no error known: all order statistics are equal
compared as (

    select
        *,
        treatment_quantile - control_quantile as effect,
        nullif(
            sqrt(
                control_std_error * control_std_error
                + treatment_std_error * treatment_std_error
            ), 0
        ) as std_error

    from aggregated_to_quantile

)

select
    experiment_id,
    metric,
    role,
    quantile,
    control_units,
    treatment_units,
    control_quantile,
    treatment_quantile,
    effect,
    std_error,
    effect - {{ z_95() }} * std_error as ci_lower,
    effect + {{ z_95() }} * std_error as ci_upper

from compared
