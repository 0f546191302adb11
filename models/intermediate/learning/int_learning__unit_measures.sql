{{ config(materialized='view') }}

-- one row per experiment, unit, measure and day with an event
with

activity as (

    select * from {{ ref('int_learning__unit_activity') }}

),

measures as (

    select
        experiment_id,
        metric,
        kind,
        window_start_day,
        window_end_day

    from {{ ref('metrics') }}

    union all

    select
        experiment_id,
        'active' as metric,
        'activity' as kind,
        0 as window_start_day,
        horizon_days - 1 as window_end_day

    from {{ ref('experiments') }}

),

measured as (

    select
        activity.experiment_id,
        activity.unit_id,
        measures.metric,
        measures.kind,
        measures.window_start_day,
        measures.window_end_day,
        activity.days_since_exposure,
        {{ days_between(
            'activity.activity_date', timestamp_literal(last_delivered_date('learning'))
        ) }} + activity.days_since_exposure as followed_days,
        case measures.metric
            when 'active' then activity.is_active
            when 'active_days_28d' then activity.is_active
            when 'churned' then activity.is_active
            when 'watch_minutes_28d' then activity.watch_hundredths
            when 'quiz_attempts_28d' then activity.quiz_count
            when 'quiz_score_28d' then activity.score_hundredths
            when 'payment_failed_rate_28d' then activity.failed_payment_count
        end as numerator,
        case measures.metric
            when 'quiz_score_28d' then activity.quiz_count
            when 'payment_failed_rate_28d' then activity.payment_count
        end as denominator,
        activity.activity_date

    from activity
    inner join measures on activity.experiment_id = measures.experiment_id

)

select * from measured
