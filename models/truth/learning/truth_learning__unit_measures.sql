{{ config(materialized='view') }}

-- one row per experiment, exposed unit, metric and day of its window with an event in
-- either arm: what the day comes to in each
with

activity as (

    select * from {{ ref('truth_learning__unit_activity') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

measured as (

    select
        activity.experiment_id,
        activity.unit_id,
        metrics.metric,
        metrics.kind,
        {%- for arm in [0, 1] %}
            case metrics.metric
                when 'active_days_28d' then least(activity.y{{ arm }}_session_count, 1)
                when 'churned' then activity.y{{ arm }}_session_count
                when 'watch_minutes_28d' then activity.y{{ arm }}_watch_hundredths
                when 'quiz_attempts_28d' then activity.y{{ arm }}_quiz_count
                when 'quiz_score_28d' then activity.y{{ arm }}_score_hundredths
                when 'payment_failed_rate_28d'
                    then activity.y{{ arm }}_failed_payment_count
            end as y{{ arm }}_numerator,
            case metrics.metric
                when 'quiz_score_28d' then activity.y{{ arm }}_quiz_count
                when 'payment_failed_rate_28d' then activity.y{{ arm }}_payment_count
            end as y{{ arm }}_denominator,
        {%- endfor %}
        activity.days_since_exposure

    from activity
    inner join metrics
        on
            activity.experiment_id = metrics.experiment_id
            and activity.followed_days >= metrics.window_end_day
            and activity.days_since_exposure >= metrics.window_start_day
            and activity.days_since_exposure <= metrics.window_end_day

)

select * from measured
