{{ config(materialized='view') }}

-- one row per experiment and metric
with

metrics as (

    {{ declared_rows('metrics') }}

),

described as (

    select
        experiment_id,
        metric,
        kind,
        numerator_fact,
        denominator_fact,
        aggregation,
        role,
        direction,
        window_start_day,
        window_end_day,
        coalesce(covariate_days, window_end_day - window_start_day + 1)
            as covariate_days,
        margin,
        cap_quantile,
        quantiles,
        divisor,
        unit,
        description,
        is_complement,
        margin_is_relative

    from metrics

)

select * from described
