{{ config(materialized='view') }}

-- one row per row of the training set, with the hidden cause that no model may know
with

examples as (

    select * from {{ ref('learning__training_set') }}

),

users as (

    select * from {{ ref('gen_learning__users') }}

),

leaky as (

    select
        examples.user_id,
        examples.as_of_date,
        examples.signup_date,
        examples.days_since_signup,
        examples.plan,
        examples.is_paid,
        examples.country,
        examples.marketing_source,
        examples.is_active_day,
        examples.total_events,
        examples.logins_count,
        examples.enroll_count,
        examples.watch_minutes_sum,
        examples.quiz_attempts_count,
        examples.quiz_avg_score,
        examples.payment_success_count,
        examples.payment_failed_count,
        examples.support_ticket_count,
        examples.active_days_7d,
        examples.active_days_14d,
        examples.active_days_30d,
        examples.events_7d,
        examples.events_14d,
        examples.events_30d,
        examples.logins_7d,
        examples.logins_14d,
        examples.logins_30d,
        examples.enroll_7d,
        examples.enroll_14d,
        examples.enroll_30d,
        examples.watch_minutes_7d,
        examples.watch_minutes_14d,
        examples.watch_minutes_30d,
        examples.quiz_attempts_7d,
        examples.quiz_attempts_14d,
        examples.quiz_attempts_30d,
        examples.payment_success_7d,
        examples.payment_success_14d,
        examples.payment_success_30d,
        examples.payment_failed_7d,
        examples.payment_failed_14d,
        examples.payment_failed_30d,
        examples.support_ticket_7d,
        examples.support_ticket_14d,
        examples.support_ticket_30d,
        examples.quiz_avg_score_7d,
        examples.quiz_avg_score_14d,
        examples.quiz_avg_score_30d,
        examples.payment_fail_rate_30d,
        examples.days_since_last_activity,
        examples.future_active_days,
        examples.churn_label,
        examples.split,
        users.engagement_ppb / cast(1000000000 as double) as engagement_score

    from examples
    inner join users on examples.user_id = users.user_id

)

select * from leaky
