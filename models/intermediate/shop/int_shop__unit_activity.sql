-- one row per experiment, unit and day with a session, before exposure and after
with

exposures as (

    select * from {{ ref('int_shop__exposures') }}

),

sessions as (

    select
        user_id,
        purchase_count,
        revenue_cents,
        {{ timestamp_from_ms('started_at_ms') }} as started_at

    from {{ ref('int_shop__sessions') }}

),

dated as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        sessions.purchase_count,
        sessions.revenue_cents,
        {{ days_between('exposures.first_exposed_at', 'sessions.started_at') }}
            as days_since_exposure,
        cast(sessions.started_at as date) as activity_date

    from exposures
    inner join sessions on exposures.unit_id = sessions.user_id

),

aggregated_to_day as (

    select
        experiment_id,
        unit_id,
        activity_date,
        days_since_exposure,
        count(*) as session_count,
        count(case when purchase_count > 0 then 1 end) as order_count,
        cast(sum(purchase_count) as bigint) as purchase_count,
        cast(sum(revenue_cents) as bigint) as revenue_cents

    from dated

    group by experiment_id, unit_id, activity_date, days_since_exposure

)

select * from aggregated_to_day
