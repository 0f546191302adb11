{{ config(group='generator', tags=['search']) }}

-- one row per experiment, unit and metric that differs from the outcome simulated for
-- the unit's arm, or that only one side has. Only windows whose events must all have
-- been delivered by as_of are compared.
with

true_windows as (

    select * from {{ ref('truth_search__unit_windows') }}

    where
        is_logged
        and {{ days_between(
            'exposed_at', timestamp_literal(delivered_until('search'))
        ) }} >= window_end_day + {{ setting('late_max_days') }} + 2

),

outcomes as (

    select * from {{ ref('truth_search__unit_outcomes') }}

),

variants as (

    select * from {{ ref('search_variants') }}

),

exposures as (

    select * from {{ ref('int_search__exposures') }}

),

windows as (

    select * from {{ ref('int_search__unit_windows') }}

),

unit_metrics as (

    select * from {{ ref('int_search__unit_metrics') }}

),

expected as (

    select
        outcomes.experiment_id,
        outcomes.unit_id,
        outcomes.metric,
        case
            when variants.is_treated then outcomes.y1_numerator
            else outcomes.y0_numerator
        end as numerator,
        case
            when variants.is_treated then outcomes.y1_denominator
            else outcomes.y0_denominator
        end as denominator

    from outcomes
    inner join true_windows
        on
            outcomes.experiment_id = true_windows.experiment_id
            and outcomes.unit_id = true_windows.unit_id
            and outcomes.metric = true_windows.metric
    inner join variants
        on
            outcomes.experiment_id = variants.experiment_id
            and outcomes.variant = variants.variant

),

observed as (

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
    inner join exposures
        on
            unit_metrics.experiment_id = exposures.experiment_id
            and unit_metrics.unit_id = exposures.unit_id

    where
        {{ days_between(
            'exposures.first_exposed_at', timestamp_literal(delivered_until('search'))
        ) }} >= windows.window_end_day + {{ setting('late_max_days') }} + 2

),

different as (

    select
        coalesce(expected.experiment_id, observed.experiment_id) as experiment_id,
        coalesce(expected.unit_id, observed.unit_id) as unit_id,
        coalesce(expected.metric, observed.metric) as metric,
        expected.numerator as expected_numerator,
        observed.numerator,
        expected.denominator as expected_denominator,
        observed.denominator

    from expected
    full outer join observed
        on
            expected.experiment_id = observed.experiment_id
            and expected.unit_id = observed.unit_id
            and expected.metric = observed.metric

    where
        expected.unit_id is null
        or observed.unit_id is null
        or expected.numerator != observed.numerator
        or coalesce(expected.denominator, -1) != coalesce(observed.denominator, -1)

)

select * from different
