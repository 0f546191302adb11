-- one row per experiment, unit, measure and day with a session
with

exposures as (

    select * from {{ ref('int_search__exposures') }}

),

sessions as (

    select * from {{ ref('int_search__session_outcomes') }}

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

dated as (

    select
        sessions.*,
        exposures.experiment_id,
        {{ days_between('exposures.first_exposed_at', 'sessions.started_at') }}
            as days_since_exposure,
        cast(sessions.started_at as date) as activity_date

    from exposures
    inner join sessions on exposures.unit_id = sessions.unit_id

),

aggregated_to_day as (

    select
        experiment_id,
        unit_id,
        activity_date,
        days_since_exposure,
        cast(sum(search_count) as bigint) as search_count,
        cast(sum(clicked_search_count) as bigint) as clicked_search_count,
        cast(sum(click_count) as bigint) as click_count,
        cast(sum(click_wait_ms) as bigint) as click_wait_ms,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(sum(commission_cents) as bigint) as commission_cents

    from dated

    group by experiment_id, unit_id, activity_date, days_since_exposure

),

measured as (

    select
        days.experiment_id,
        days.unit_id,
        measures.metric,
        days.days_since_exposure,
        case measures.metric
            when 'active' then cast(1 as bigint)
            when 'search_click_rate_7d' then days.clicked_search_count
            when 'clicks_per_search_7d' then days.click_count
            when 'bookings_7d' then days.conversion_count
            when 'commission_cents_7d' then days.commission_cents
            when 'converted_7d' then least(days.conversion_count, 1)
            when 'time_to_click_ms_7d' then days.click_wait_ms
        end as numerator,
        case measures.metric
            when 'search_click_rate_7d' then days.search_count
            when 'clicks_per_search_7d' then days.search_count
            when 'time_to_click_ms_7d' then days.clicked_search_count
        end as denominator,
        days.activity_date

    from aggregated_to_day as days
    inner join measures on days.experiment_id = measures.experiment_id

)

select * from measured
