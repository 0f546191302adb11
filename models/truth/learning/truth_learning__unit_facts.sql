{{ config(materialized='view') }}

-- one row per user, variant, date from the experiment's start on and fact of that date
-- under that variant, which is not 0
with

sessions as (

    select * from {{ ref('gen_learning__sessions') }}

    where day_number >= {{ learning_experiment_day() }}

),

signals as (

    select * from {{ ref('gen_learning__churn_warnings') }}

    where
        event_type = 'payment_failed'
        and day_number >= {{ learning_experiment_day() }}

),

-- a failed payment that announces a churn comes on days without activity, too
together as (

    select
        user_id,
        variant,
        day_number,
        1 as active,
        watch_hundredths,
        quiz_count,
        score_hundredths,
        case when payment_cents is null then 0 else 1 end as payment_count,
        case
            when payment_cents is not null and not is_payment_successful then 1 else 0
        end as failed_payment_count

    from sessions

    union all

    select
        user_id,
        variant,
        day_number,
        0 as active,
        0 as watch_hundredths,
        0 as quiz_count,
        0 as score_hundredths,
        1 as payment_count,
        1 as failed_payment_count

    from signals

),

aggregated_to_day as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        variant,
        {{ date_of_day('learning', 'day_number') }} as activity_date,
        max(active) as active,
        sum(watch_hundredths) as watch_hundredths,
        sum(quiz_count) as quizzes,
        sum(score_hundredths) as score_hundredths,
        sum(payment_count) as payments,
        sum(failed_payment_count) as failed_payments

    from together

    group by unit_id, variant, activity_date

),

facts as (

    {{ unpivoted(
        'aggregated_to_day', ['unit_id', 'variant', 'activity_date'],
        [
            'active', 'watch_hundredths', 'quizzes', 'score_hundredths', 'payments',
            'failed_payments',
        ]
    ) }}

)

select * from facts
