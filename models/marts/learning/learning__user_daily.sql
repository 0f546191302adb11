-- one row per user and date from the start to the last delivered day of the world
with

users as (

    select * from {{ ref('stg_learning__users') }}

),

events as (

    select * from {{ ref('stg_learning__events') }}

),

events_aggregated_to_user_day as (

    select
        user_id,
        event_date,
        count(*) as total_events,
        count(case when event_type = 'login' then 1 end) as logins_count,
        count(case when event_type = 'course_enroll' then 1 end) as enroll_count,
        cast(sum(cast(watch_minutes * 100 as bigint)) as bigint) as watch_hundredths,
        count(case when event_type = 'quiz_attempt' then 1 end) as quiz_attempts_count,
        count(quiz_score) as quiz_scores_count,
        cast(sum(cast(quiz_score * 100 as bigint)) as bigint) as score_hundredths,
        count(case when event_type = 'payment_success' then 1 end)
            as payment_success_count,
        count(case when event_type = 'payment_failed' then 1 end)
            as payment_failed_count,
        count(case when event_type = 'support_ticket' then 1 end)
            as support_ticket_count

    from events

    group by user_id, event_date

),

expanded_to_days as (

    select
        user_id,
        signup_date,
        plan,
        is_paid,
        country,
        marketing_source,
        {{ unnest_range(0, days_covered('learning')) }} as day_number

    from users

),

dated as (

    select
        expanded_to_days.*,
        {{ date_of_day('learning', 'day_number') }} as as_of_date

    from expanded_to_days

),

filled as (

    select
        dated.user_id,
        dated.as_of_date,
        dated.signup_date,
        greatest({{ days_between('dated.signup_date', 'dated.as_of_date') }}, 0)
            as days_since_signup,
        dated.plan,
        dated.is_paid,
        dated.country,
        dated.marketing_source,
        case when events.logins_count > 0 then 1 else 0 end as is_active_day,
        coalesce(events.total_events, 0) as total_events,
        coalesce(events.logins_count, 0) as logins_count,
        coalesce(events.enroll_count, 0) as enroll_count,
        {{ scaled_decimal(
            'coalesce(events.watch_hundredths, 0)', 2, 'decimal(12, 2)'
        ) }} as watch_minutes_sum,
        coalesce(events.quiz_attempts_count, 0) as quiz_attempts_count,
        case
            when events.quiz_scores_count > 0
                then {{ scaled_decimal(
                    rounded_quotient(
                        'events.score_hundredths * 10000', 'events.quiz_scores_count'
                    ), 6, 'decimal(9, 6)'
                ) }}
        end as quiz_avg_score,
        coalesce(events.payment_success_count, 0) as payment_success_count,
        coalesce(events.payment_failed_count, 0) as payment_failed_count,
        coalesce(events.support_ticket_count, 0) as support_ticket_count

    from dated
    left join events_aggregated_to_user_day as events
        on
            dated.user_id = events.user_id
            and dated.as_of_date = events.event_date

)

select * from filled
