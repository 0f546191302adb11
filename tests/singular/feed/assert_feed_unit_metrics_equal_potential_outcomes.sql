{{ config(group='generator', tags=['feed']) }}

-- one row per experiment, unit and metric that is not the potential outcome of the
-- unit's arm, or that only one side has. Values are compared where all events of
-- the window must have been delivered by as_of.
with

windows as (

    select * from {{ ref('truth_feed__unit_windows') }}

    where is_logged

),

variants as (

    select * from {{ ref('feed_variants') }}

),

outcomes as (

    select * from {{ ref('truth_feed__unit_outcomes') }}

    where is_logged

),

observed as (

    select * from {{ ref('int_feed__unit_metrics') }}

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
        end as denominator,
        windows.followed_days >= windows.window_end_day + {{
            setting('late_max_days') + 2
            - (delivered_until('feed') - last_delivered_date('feed')).days
        }} as is_all_delivered

    from outcomes
    inner join windows
        on
            outcomes.experiment_id = windows.experiment_id
            and outcomes.unit_id = windows.unit_id
            and outcomes.metric = windows.metric
    inner join variants
        on
            outcomes.experiment_id = variants.experiment_id
            and outcomes.variant = variants.variant

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
    full join observed
        on
            expected.experiment_id = observed.experiment_id
            and expected.unit_id = observed.unit_id
            and expected.metric = observed.metric

    where
        expected.unit_id is null
        or observed.unit_id is null
        or (expected.denominator is null) != (observed.denominator is null)
        or (
            expected.is_all_delivered
            and (
                expected.numerator != observed.numerator
                or expected.denominator != observed.denominator
            )
        )

)

select * from different
