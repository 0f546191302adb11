-- one row per user and date: user_daily, and what the days up to the date add up to
with

user_days as (

    select * from {{ ref('learning__user_daily') }}

),

-- sums run over integers
measured as (

    select
        *,
        cast(watch_minutes_sum * 100 as bigint) as watch_hundredths,
        cast(quiz_avg_score * 1000000 as bigint) as quiz_avg_millionths,
        {{ day_of_date('learning', 'as_of_date') }}
            as day_number

    from user_days

),

summed as (

    select
        *,
        {%- for window in [7, 14, 30] %}
            sum(is_active_day) over last_{{ window }}_days
                as active_days_{{ window }}d,
            sum(total_events) over last_{{ window }}_days
                as events_{{ window }}d,
            sum(logins_count) over last_{{ window }}_days
                as logins_{{ window }}d,
            sum(enroll_count) over last_{{ window }}_days
                as enroll_{{ window }}d,
            sum(watch_hundredths) over last_{{ window }}_days
                as watch_hundredths_{{ window }}d,
            sum(quiz_attempts_count) over last_{{ window }}_days
                as quiz_attempts_{{ window }}d,
            sum(payment_success_count) over last_{{ window }}_days
                as payment_success_{{ window }}d,
            sum(payment_failed_count) over last_{{ window }}_days
                as payment_failed_{{ window }}d,
            sum(support_ticket_count) over last_{{ window }}_days
                as support_ticket_{{ window }}d,
            sum(quiz_avg_millionths) over last_{{ window }}_days
                as quiz_avg_millionths_{{ window }}d,
            count(quiz_avg_millionths) over last_{{ window }}_days
                as quiz_days_{{ window }}d,
        {%- endfor %}
        max(case when is_active_day = 1 then day_number end) over (
            partition by user_id order by as_of_date rows unbounded preceding
        ) as last_active_day

    from measured

    window
        last_7_days as (
            partition by user_id order by as_of_date
            rows between 6 preceding and current row
        ),
        last_14_days as (
            partition by user_id order by as_of_date
            rows between 13 preceding and current row
        ),
        last_30_days as (
            partition by user_id order by as_of_date
            rows between 29 preceding and current row
        )

),

features as (

    select
        user_id,
        as_of_date,
        signup_date,
        days_since_signup,
        plan,
        is_paid,
        country,
        marketing_source,
        is_active_day,
        total_events,
        logins_count,
        enroll_count,
        cast(watch_minutes_sum as double) as watch_minutes_sum,
        quiz_attempts_count,
        cast(quiz_avg_score as double) as quiz_avg_score,
        payment_success_count,
        payment_failed_count,
        support_ticket_count,
        cast(active_days_7d as bigint) as active_days_7d,
        cast(active_days_14d as bigint) as active_days_14d,
        cast(active_days_30d as bigint) as active_days_30d,
        cast(events_7d as bigint) as events_7d,
        cast(events_14d as bigint) as events_14d,
        cast(events_30d as bigint) as events_30d,
        cast(logins_7d as bigint) as logins_7d,
        cast(logins_14d as bigint) as logins_14d,
        cast(logins_30d as bigint) as logins_30d,
        cast(enroll_7d as bigint) as enroll_7d,
        cast(enroll_14d as bigint) as enroll_14d,
        cast(enroll_30d as bigint) as enroll_30d,
        cast(watch_hundredths_7d as double) / 100 as watch_minutes_7d,
        cast(watch_hundredths_14d as double) / 100 as watch_minutes_14d,
        cast(watch_hundredths_30d as double) / 100 as watch_minutes_30d,
        cast(quiz_attempts_7d as bigint) as quiz_attempts_7d,
        cast(quiz_attempts_14d as bigint) as quiz_attempts_14d,
        cast(quiz_attempts_30d as bigint) as quiz_attempts_30d,
        cast(payment_success_7d as bigint) as payment_success_7d,
        cast(payment_success_14d as bigint) as payment_success_14d,
        cast(payment_success_30d as bigint) as payment_success_30d,
        cast(payment_failed_7d as bigint) as payment_failed_7d,
        cast(payment_failed_14d as bigint) as payment_failed_14d,
        cast(payment_failed_30d as bigint) as payment_failed_30d,
        cast(support_ticket_7d as bigint) as support_ticket_7d,
        cast(support_ticket_14d as bigint) as support_ticket_14d,
        cast(support_ticket_30d as bigint) as support_ticket_30d,
        case
            when quiz_days_7d > 0
                then cast({{ rounded_quotient(
                    'cast(quiz_avg_millionths_7d as bigint)', 'quiz_days_7d'
                ) }} as double) / 1000000
        end as quiz_avg_score_7d,
        case
            when quiz_days_14d > 0
                then cast({{ rounded_quotient(
                    'cast(quiz_avg_millionths_14d as bigint)', 'quiz_days_14d'
                ) }} as double) / 1000000
        end as quiz_avg_score_14d,
        case
            when quiz_days_30d > 0
                then cast({{ rounded_quotient(
                    'cast(quiz_avg_millionths_30d as bigint)', 'quiz_days_30d'
                ) }} as double) / 1000000
        end as quiz_avg_score_30d,
        case
            when payment_success_30d + payment_failed_30d > 0
                then
                    cast(payment_failed_30d as double)
                    / cast(payment_success_30d + payment_failed_30d as double)
            else 0e0
        end as payment_fail_rate_30d,
        coalesce(day_number - last_active_day, days_since_signup)
            as days_since_last_activity

    from summed

)

select * from features
