{{ config(tags=['search']) }}

-- one row per experiment, unit and metric (a mean or a ratio) whose days do not add up
-- to what it has in its window, or that has days and no row
with

windows as (

    select * from {{ ref('int_search__unit_windows') }}

    where kind in ('mean', 'ratio')

),

unit_metrics as (

    select * from {{ ref('int_search__unit_metrics') }}

),

unit_days as (

    select * from {{ ref('int_search__unit_days') }}

    where metric != 'active'

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

    select unit_metrics.*

    from unit_metrics
    inner join windows
        on
            unit_metrics.experiment_id = windows.experiment_id
            and unit_metrics.unit_id = windows.unit_id
            and unit_metrics.metric = windows.metric

),

different as (

    select
        coalesce(expected.experiment_id, added.experiment_id) as experiment_id,
        coalesce(expected.unit_id, added.unit_id) as unit_id,
        coalesce(expected.metric, added.metric) as metric,
        expected.numerator,
        added.numerator as added_numerator,
        expected.denominator,
        added.denominator as added_denominator

    from expected
    full outer join days_aggregated_to_metric as added
        on
            expected.experiment_id = added.experiment_id
            and expected.unit_id = added.unit_id
            and expected.metric = added.metric

    where
        expected.unit_id is null
        or expected.numerator != coalesce(added.numerator, 0)
        or coalesce(expected.denominator, 0) != coalesce(added.denominator, 0)

)

select * from different
