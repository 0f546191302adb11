{{ config(materialized='view') }}

-- one row per user, date and fact of that date, which is not 0
with

events as (

    select * from {{ ref('stg_learning__events') }}

),

aggregated_to_day as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        event_date as activity_date,
        max(case when event_type = 'login' then 1 else 0 end) as active,
        sum(cast(watch_minutes * 100 as bigint)) as watch_hundredths,
        count(case when event_type = 'quiz_attempt' then 1 end) as quizzes,
        sum(cast(quiz_score * 100 as bigint)) as score_hundredths,
        count(
            case when event_type in ('payment_success', 'payment_failed') then 1 end
        ) as payments,
        count(case when event_type = 'payment_failed' then 1 end) as failed_payments

    from events

    group by unit_id, activity_date

),

facts as (

    {{ unpivoted(
        'aggregated_to_day', ['unit_id', 'activity_date'],
        [
            'active', 'watch_hundredths', 'quizzes', 'score_hundredths', 'payments',
            'failed_payments',
        ]
    ) }}

)

select * from facts
