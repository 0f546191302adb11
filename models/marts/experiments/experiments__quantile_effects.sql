-- one row per experiment, metric and quantile
with

arm_quantiles as (

    select * from {{ ref('int_experiments__arm_quantiles') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

aggregated_to_quantile as (

    select
        arms.experiment_id,
        arms.metric,
        metrics.role,
        arms.quantile,
        max(case when not arms.is_treated then arms.n_units else 0 end)
            as control_units,
        max(case when arms.is_treated then arms.n_units else 0 end) as treatment_units,
        max(case when not arms.is_treated then arms.arm_quantile end)
            as control_quantile,
        max(case when arms.is_treated then arms.arm_quantile end) as treatment_quantile,
        max(case when not arms.is_treated then arms.std_error end) as control_std_error,
        max(case when arms.is_treated then arms.std_error end) as treatment_std_error

    from arm_quantiles as arms
    inner join metrics
        on arms.experiment_id = metrics.experiment_id and arms.metric = metrics.metric

    group by arms.experiment_id, arms.metric, metrics.role, arms.quantile

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
