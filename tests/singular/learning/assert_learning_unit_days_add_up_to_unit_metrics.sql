{{ config(tags=['learning']) }}

-- one row per experiment, unit and metric (a mean or a ratio) whose days do not add
-- up to what it has in its window, or that has days and no row
with

unit_metrics as (

    select * from {{ ref('int_learning__unit_metrics') }}

),

unit_days as (

    select * from {{ ref('int_learning__unit_days') }}

    where metric != 'active'

),

windows as (

    select * from {{ ref('int_learning__unit_windows') }}

    where kind in ('mean', 'ratio')

),

days_aggregated_to_metric as (

    select
        experiment_id,
        unit_id,
        metric,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from unit_days

    group by experiment_id, unit_id, metric

),

expected as (

    select
        unit_metrics.experiment_id,
        unit_metrics.unit_id,
        unit_metrics.metric,
        unit_metrics.numerator,
        unit_metrics.denominator

    from unit_metrics
    inner join windows
        on
            unit_metrics.experiment_id = windows.experiment_id
            and unit_metrics.unit_id = windows.unit_id
            and unit_metrics.metric = windows.metric

),

compared as (

    select
        coalesce(expected.experiment_id, added.experiment_id) as experiment_id,
        coalesce(expected.unit_id, added.unit_id) as unit_id,
        coalesce(expected.metric, added.metric) as metric,
        expected.numerator,
        coalesce(added.numerator, 0) as added_numerator,
        coalesce(expected.denominator, 0) as denominator,
        coalesce(added.denominator, 0) as added_denominator

    from expected
    full join days_aggregated_to_metric as added
        on
            expected.experiment_id = added.experiment_id
            and expected.unit_id = added.unit_id
            and expected.metric = added.metric

)

select * from compared

where
    numerator is null
    or numerator != added_numerator
    or denominator != added_denominator
