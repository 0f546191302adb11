{{ config(materialized='view') }}

-- one row per experiment, exposed unit, metric and day of its window with a session in
-- either arm: what the day comes to in each
with

activity as (

    select * from {{ ref('truth_feed__unit_activity') }}

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
                when 'retained_d3' then activity.y{{ arm }}_session_count
                when 'retained_d7' then activity.y{{ arm }}_session_count
                when 'retained_d14' then activity.y{{ arm }}_session_count
                when 'card_views_7d' then activity.y{{ arm }}_card_view_count
                when 'card_views_14d' then activity.y{{ arm }}_card_view_count
                when 'card_views_per_session_14d'
                    then activity.y{{ arm }}_card_view_count
                when 'bounce_rate_14d' then activity.y{{ arm }}_bounce_count
                when 'distinct_content_per_session_14d'
                    then activity.y{{ arm }}_distinct_content_count
            end as y{{ arm }}_numerator,
            case when metrics.kind = 'ratio' then activity.y{{ arm }}_session_count end
                as y{{ arm }}_denominator,
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
