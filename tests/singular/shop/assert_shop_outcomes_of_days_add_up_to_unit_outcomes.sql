{{ config(group='generator', tags=['shop']) }}

-- one row per experiment, unit and metric (a mean or a ratio) whose days do not add up
-- to what it has in its window in either arm, or that has days and no row
with

windows as (

    select * from {{ ref('truth_shop__unit_windows') }}

    where kind in ('mean', 'ratio')

),

unit_outcomes as (

    select * from {{ ref('truth_shop__unit_outcomes') }}

),

unit_days as (

    select * from {{ ref('truth_shop__unit_days') }}

),

days_aggregated_to_metric as (

    select
        experiment_id,
        unit_id,
        metric,
        sum(y0_numerator) as y0_numerator,
        sum(y0_denominator) as y0_denominator,
        sum(y1_numerator) as y1_numerator,
        sum(y1_denominator) as y1_denominator

    from unit_days

    group by experiment_id, unit_id, metric

),

expected as (

    select unit_outcomes.*

    from unit_outcomes
    inner join windows
        on
            unit_outcomes.experiment_id = windows.experiment_id
            and unit_outcomes.unit_id = windows.unit_id
            and unit_outcomes.metric = windows.metric

),

different as (

    select
        coalesce(expected.experiment_id, added.experiment_id) as experiment_id,
        coalesce(expected.unit_id, added.unit_id) as unit_id,
        coalesce(expected.metric, added.metric) as metric,
        expected.y0_numerator,
        added.y0_numerator as added_y0_numerator,
        expected.y1_numerator,
        added.y1_numerator as added_y1_numerator

    from expected
    full outer join days_aggregated_to_metric as added
        on
            expected.experiment_id = added.experiment_id
            and expected.unit_id = added.unit_id
            and expected.metric = added.metric

    where
        expected.unit_id is null
        or expected.y0_numerator != coalesce(added.y0_numerator, 0)
        or expected.y1_numerator != coalesce(added.y1_numerator, 0)
        or coalesce(expected.y0_denominator, 0) != coalesce(added.y0_denominator, 0)
        or coalesce(expected.y1_denominator, 0) != coalesce(added.y1_denominator, 0)

)

select * from different
