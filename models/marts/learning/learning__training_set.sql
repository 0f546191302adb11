-- one row per user and date of a split: features, the label and the split
with

features as (

    select * from {{ ref('learning__user_features_daily') }}

),

labels as (

    select * from {{ ref('learning__churn_labels') }}

),

examples as (

    select
        features.user_id,
        features.as_of_date,
        features.signup_date,
        features.days_since_signup,
        features.plan,
        features.is_paid,
        features.country,
        features.marketing_source,
        features.is_active_day,
        features.total_events,
        features.logins_count,
        features.enroll_count,
        features.watch_minutes_sum,
        features.quiz_attempts_count,
        features.quiz_avg_score,
        features.payment_success_count,
        features.payment_failed_count,
        features.support_ticket_count,
        features.active_days_7d,
        features.active_days_14d,
        features.active_days_30d,
        features.events_7d,
        features.events_14d,
        features.events_30d,
        features.logins_7d,
        features.logins_14d,
        features.logins_30d,
        features.enroll_7d,
        features.enroll_14d,
        features.enroll_30d,
        features.watch_minutes_7d,
        features.watch_minutes_14d,
        features.watch_minutes_30d,
        features.quiz_attempts_7d,
        features.quiz_attempts_14d,
        features.quiz_attempts_30d,
        features.payment_success_7d,
        features.payment_success_14d,
        features.payment_success_30d,
        features.payment_failed_7d,
        features.payment_failed_14d,
        features.payment_failed_30d,
        features.support_ticket_7d,
        features.support_ticket_14d,
        features.support_ticket_30d,
        features.quiz_avg_score_7d,
        features.quiz_avg_score_14d,
        features.quiz_avg_score_30d,
        features.payment_fail_rate_30d,
        features.days_since_last_activity,
        labels.future_active_days,
        labels.churn_label,
        case
            when
                features.as_of_date
                >= {{ date_of_day('learning', learning_split_days().test) }}
                then 'test'
            when
                {{ uniform(mix('features.user_id'), 'learning.training_set.split') }}
                < 0.8
                then 'train'
            else 'validation'
        end as split

    from features
    inner join labels
        on
            features.user_id = labels.user_id
            and features.as_of_date = labels.as_of_date

    where
        features.as_of_date
        < {{ date_of_day('learning', learning_split_days().embargo) }}
        or features.as_of_date
        >= {{ date_of_day('learning', learning_split_days().test) }}

)

select * from examples
