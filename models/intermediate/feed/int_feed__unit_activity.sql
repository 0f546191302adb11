-- one row per experiment, unit and day with a session, before exposure and after
with

exposures as (

    select
        experiment_id,
        unit_id,
        cast(unit_id as {{ type_uuid() }}) as user_id,
        first_exposed_at

    from {{ ref('int_feed__exposures') }}

),

sessions as (

    select * from {{ ref('int_feed__sessions') }}

),

dated as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        sessions.card_view_count,
        sessions.distinct_content_count,
        {{ days_between('exposures.first_exposed_at', 'sessions.started_at') }}
            as days_since_exposure,
        cast(sessions.started_at as date) as activity_date

    from exposures
    inner join sessions on exposures.user_id = sessions.user_id

),

aggregated_to_day as (

    select
        experiment_id,
        unit_id,
        days_since_exposure,
        count(*) as session_count,
        count(case when card_view_count = 1 then 1 end) as bounce_count,
        cast(sum(card_view_count) as bigint) as card_view_count,
        cast(sum(distinct_content_count) as bigint) as distinct_content_count,
        activity_date

    from dated

    group by experiment_id, unit_id, days_since_exposure, activity_date

)

select * from aggregated_to_day
