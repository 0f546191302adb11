-- one row per experiment, exposed unit, metric, day with a session and arm: what the day
-- comes to in that arm
with

sessions as (

    select * from {{ ref('truth_search__session_outcomes') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

-- visitors are exposed by their first session
numbered as (

    select
        *,
        {{ days_between(
            'min(started_at) over (partition by experiment_id, unit_id)', 'started_at'
        ) }} as days_since_exposure

    from sessions

),

aggregated_to_day as (

    select
        experiment_id,
        unit_id,
        days_since_exposure,
        is_treated,
        cast(sum(search_count) as bigint) as search_count,
        cast(sum(clicked_search_count) as bigint) as clicked_search_count,
        cast(sum(click_count) as bigint) as click_count,
        cast(sum(click_wait_ms) as bigint) as click_wait_ms,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(sum(commission_cents) as bigint) as commission_cents

    from numbered

    group by experiment_id, unit_id, days_since_exposure, is_treated

),

measured as (

    select
        days.experiment_id,
        days.unit_id,
        metrics.metric,
        days.days_since_exposure,
        case metrics.metric
            when 'search_click_rate_7d' then days.clicked_search_count
            when 'clicks_per_search_7d' then days.click_count
            when 'bookings_7d' then days.conversion_count
            when 'commission_cents_7d' then days.commission_cents
            when 'converted_7d' then least(days.conversion_count, 1)
            when 'time_to_click_ms_7d' then days.click_wait_ms
        end as numerator,
        case metrics.metric
            when 'search_click_rate_7d' then days.search_count
            when 'clicks_per_search_7d' then days.search_count
            when 'time_to_click_ms_7d' then days.clicked_search_count
        end as denominator,
        days.is_treated

    from aggregated_to_day as days
    inner join metrics on days.experiment_id = metrics.experiment_id

)

select * from measured
