-- one row per week of sign-up and days since then: how many users could be active, and how many were
with

user_days as (

    select * from {{ ref('custom__user_daily') }}

),

cohorts as (

    select
        cast(
            {{ dbt.date_trunc('week', add_days(
                'activity_date', '-days_since_signup'
            )) }} as date
        ) as signup_week,
        days_since_signup,
        is_active_day

    from user_days

),

aggregated_to_week as (

    select
        signup_week,
        days_since_signup,
        count(*) as user_count,
        count(case when is_active_day then 1 end) as active_user_count

    from cohorts

    group by signup_week, days_since_signup

)

select * from aggregated_to_week
