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
        {%- for parameter in [
            'paid_share', 'churn_base_rate', 'churn_paid_factor', 'churn_probability_max',
            'churn_floor', 'churn_slope', 'churn_power', 'churn_first_day_share',
            'churn_first_day', 'churn_days_before_end', 'churn_day_is_active',
            'activity_base', 'activity_slope', 'weekday_factor', 'decline_days',
            'sessions_max', 'video_base', 'video_slope', 'quiz_base', 'quiz_slope',
            'enrol_probability', 'further_rate', 'minutes_base', 'minutes_slope',
            'minutes_sd', 'minutes_spread', 'minutes_min', 'minutes_max', 'score_base',
            'score_slope', 'score_sd', 'payment_days', 'payment_success_probability',
            'amount_mean', 'amount_sd', 'amount_min', 'amount_max',
            'ticket_probability', 'churn_payment_failure_probability',
            'churn_payment_failure_amount', 'churn_payment_failure_days_min',
            'churn_payment_failure_days_max', 'churn_ticket_probability',
            'churn_ticket_days_min', 'churn_ticket_days_max', 'plain_hour_from',
            'plain_hour_to',
        ] %}
        {{ profile_number('learning', parameter) }} as {{ parameter }}{{ ',' if not loop.last }}
        {%- endfor %}

    from parameters

)

select
    numbers.*,
    courses.course_count,
    hours.hour_count

from numbers
cross join courses
cross join hours
