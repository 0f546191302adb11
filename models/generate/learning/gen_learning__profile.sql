-- one row: the numbers of the chosen profile, with those that settings override
with

parameters as (

    select * from {{ ref('learning_profiles') }}

    where profile = '{{ setting("learning_profile") }}'

),

courses as (

    select count(*) as course_count from {{ ref('learning_courses') }}

),

hours as (

    select count(*) as hour_count from {{ ref('gen_learning__hour_aliases') }}

),

numbers as (

    select
        {{ profile_number('learning', 'paid_share') }} as paid_share,
        {{ profile_number('learning', 'churn_base_rate') }} as churn_base_rate,
        {{ profile_number('learning', 'churn_paid_factor') }} as churn_paid_factor,
        {{ profile_number('learning', 'churn_probability_max') }}
            as churn_probability_max,
        {{ profile_number('learning', 'churn_floor') }} as churn_floor,
        {{ profile_number('learning', 'churn_slope') }} as churn_slope,
        {{ profile_number('learning', 'churn_power') }} as churn_power,
        {{ profile_number('learning', 'churn_first_day_share') }}
            as churn_first_day_share,
        {{ profile_number('learning', 'churn_first_day') }} as churn_first_day,
        {{ profile_number('learning', 'churn_days_before_end') }}
            as churn_days_before_end,
        {{ profile_number('learning', 'churn_day_is_active') }} as churn_day_is_active,
        {{ profile_number('learning', 'activity_base') }} as activity_base,
        {{ profile_number('learning', 'activity_slope') }} as activity_slope,
        {{ profile_number('learning', 'weekday_factor') }} as weekday_factor,
        {{ profile_number('learning', 'decline_days') }} as decline_days,
        {{ profile_number('learning', 'sessions_max') }} as sessions_max,
        {{ profile_number('learning', 'video_base') }} as video_base,
        {{ profile_number('learning', 'video_slope') }} as video_slope,
        {{ profile_number('learning', 'quiz_base') }} as quiz_base,
        {{ profile_number('learning', 'quiz_slope') }} as quiz_slope,
        {{ profile_number('learning', 'enrol_probability') }} as enrol_probability,
        {{ profile_number('learning', 'further_rate') }} as further_rate,
        {{ profile_number('learning', 'minutes_base') }} as minutes_base,
        {{ profile_number('learning', 'minutes_slope') }} as minutes_slope,
        {{ profile_number('learning', 'minutes_sd') }} as minutes_sd,
        {{ profile_number('learning', 'minutes_spread') }} as minutes_spread,
        {{ profile_number('learning', 'minutes_min') }} as minutes_min,
        {{ profile_number('learning', 'minutes_max') }} as minutes_max,
        {{ profile_number('learning', 'score_base') }} as score_base,
        {{ profile_number('learning', 'score_slope') }} as score_slope,
        {{ profile_number('learning', 'score_sd') }} as score_sd,
        {{ profile_number('learning', 'payment_days') }} as payment_days,
        {{ profile_number('learning', 'payment_success_probability') }}
            as payment_success_probability,
        {{ profile_number('learning', 'amount_mean') }} as amount_mean,
        {{ profile_number('learning', 'amount_sd') }} as amount_sd,
        {{ profile_number('learning', 'amount_min') }} as amount_min,
        {{ profile_number('learning', 'amount_max') }} as amount_max,
        {{ profile_number('learning', 'ticket_probability') }} as ticket_probability,
        {{ profile_number('learning', 'churn_payment_failure_probability') }}
            as churn_payment_failure_probability,
        {{ profile_number('learning', 'churn_payment_failure_amount') }}
            as churn_payment_failure_amount,
        {{ profile_number('learning', 'churn_payment_failure_days_min') }}
            as churn_payment_failure_days_min,
        {{ profile_number('learning', 'churn_payment_failure_days_max') }}
            as churn_payment_failure_days_max,
        {{ profile_number('learning', 'churn_ticket_probability') }}
            as churn_ticket_probability,
        {{ profile_number('learning', 'churn_ticket_days_min') }}
            as churn_ticket_days_min,
        {{ profile_number('learning', 'churn_ticket_days_max') }}
            as churn_ticket_days_max,
        {{ profile_number('learning', 'plain_hour_from') }} as plain_hour_from,
        {{ profile_number('learning', 'plain_hour_to') }} as plain_hour_to

    from parameters

)

select
    numbers.*,
    courses.course_count,
    hours.hour_count

from numbers
cross join courses
cross join hours
