{{ config(materialized='view') }}

-- one row per experiment, unit and metric through whose window the unit was followed;
-- and one for its activity, as far as it goes
with

exposures as (

    select * from {{ ref('int_search__exposures') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select
        experiment_id,
        metric,
        kind,
        window_start_day,
        window_end_day,
        window_end_day as required_days

    from metrics

    union all

    select
        experiment_id,
        'active' as metric,
        'activity' as kind,
        0 as window_start_day,
        horizon_days - 1 as window_end_day,
        0 as required_days

    from experiments

),

windows as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        measures.metric,
        measures.kind,
        measures.window_start_day,
        measures.window_end_day

    from exposures
    inner join measures on exposures.experiment_id = measures.experiment_id

    where
        {{ days_between(
            'exposures.first_exposed_at',
            timestamp_literal(last_delivered_date('search'))
        ) }} >= measures.required_days

)

select * from windows
