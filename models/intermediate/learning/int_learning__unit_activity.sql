-- one row per experiment, unit and day with an event, before exposure and after
with

exposures as (

    select
        experiment_id,
        unit_id,
        first_exposed_at

    from {{ ref('int_learning__exposures') }}

),

events as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        event_type,
        watch_minutes,
        quiz_score,
        event_date

    from {{ ref('stg_learning__events') }}

),

events_aggregated_to_unit_day as (

    select
        unit_id,
        event_date,
        max(case when event_type = 'login' then 1 else 0 end) as is_active,
        sum(cast(watch_minutes * 100 as bigint)) as watch_hundredths,
        count(case when event_type = 'quiz_attempt' then 1 end) as quiz_count,
        sum(cast(quiz_score * 100 as bigint)) as score_hundredths,
        count(
            case when event_type in ('payment_success', 'payment_failed') then 1 end
        ) as payment_count,
        count(case when event_type = 'payment_failed' then 1 end)
            as failed_payment_count

    from events

    group by unit_id, event_date

),

described as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        {{ days_between('exposures.first_exposed_at', 'days.event_date') }}
            as days_since_exposure,
        cast(days.is_active as bigint) as is_active,
        cast(days.watch_hundredths as bigint) as watch_hundredths,
        days.quiz_count,
        cast(coalesce(days.score_hundredths, 0) as bigint) as score_hundredths,
        days.payment_count,
        days.failed_payment_count,
        days.event_date as activity_date

    from exposures
    inner join events_aggregated_to_unit_day as days
        on exposures.unit_id = days.unit_id

)

select * from described
