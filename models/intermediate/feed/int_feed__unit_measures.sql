{{ config(materialized='view') }}

-- one row per experiment, unit, measure and day with a session
with

activity as (

    select * from {{ ref('int_feed__unit_activity') }}

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
            'activity.activity_date', timestamp_literal(last_delivered_date('feed'))
        ) }} + activity.days_since_exposure as followed_days,
        case measures.metric
            when 'active' then cast(1 as bigint)
            when 'retained_d3' then cast(1 as bigint)
            when 'retained_d7' then cast(1 as bigint)
            when 'retained_d14' then cast(1 as bigint)
            when 'card_views_7d' then activity.card_view_count
            when 'card_views_14d' then activity.card_view_count
            when 'card_views_per_session_14d' then activity.card_view_count
            when 'bounce_rate_14d' then activity.bounce_count
            when 'distinct_content_per_session_14d' then activity.distinct_content_count
        end as numerator,
        case when measures.kind = 'ratio' then activity.session_count end
            as denominator,
        activity.activity_date

    from activity
    inner join measures on activity.experiment_id = measures.experiment_id

)

select * from measured
