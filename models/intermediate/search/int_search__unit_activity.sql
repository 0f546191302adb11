-- one row per experiment, unit and day with a session
with

exposures as (

    select * from {{ ref('int_search__exposures') }}

),

sessions as (

    select * from {{ ref('int_search__session_outcomes') }}

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

)

select * from aggregated_to_day
