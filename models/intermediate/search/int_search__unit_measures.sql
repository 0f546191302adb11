{{ config(materialized='view') }}

-- one row per experiment, unit, measure and day with a session
with

activity as (

    select * from {{ ref('int_search__unit_activity') }}

),

measures as (

    select
        experiment_id,
        metric

    from {{ ref('metrics') }}

    union all

    select
        experiment_id,
        'active' as metric

    from {{ ref('experiments') }}

),

measured as (

    select
        activity.experiment_id,
        activity.unit_id,
        measures.metric,
        activity.days_since_exposure,
        case measures.metric
            when 'active' then cast(1 as bigint)
            when 'search_click_rate_7d' then activity.clicked_search_count
            when 'clicks_per_search_7d' then activity.click_count
            when 'bookings_7d' then activity.conversion_count
            when 'commission_cents_7d' then activity.commission_cents
            when 'converted_7d' then least(activity.conversion_count, 1)
            when 'time_to_click_ms_7d' then activity.click_wait_ms
        end as numerator,
        case measures.metric
            when 'search_click_rate_7d' then activity.search_count
            when 'clicks_per_search_7d' then activity.search_count
            when 'time_to_click_ms_7d' then activity.clicked_search_count
        end as denominator,
        activity.activity_date

    from activity
    inner join measures on activity.experiment_id = measures.experiment_id

)

select * from measured
