{{ config(materialized='view') }}

-- one row per experiment, exposed unit and metric through whose window the unit was
-- followed, logged or not
with

exposures as (

    select * from {{ ref('truth_learning__exposures') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

windows as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.variant,
        exposures.stratum,
        metrics.metric,
        metrics.kind,
        metrics.window_end_day,
        exposures.followed_days,
        exposures.is_logged

    from exposures
    inner join metrics
        on
            exposures.experiment_id = metrics.experiment_id
            and exposures.followed_days >= metrics.window_end_day

)

select * from windows
