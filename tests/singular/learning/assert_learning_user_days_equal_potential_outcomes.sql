{{ config(group='generator', tags=['learning']) }}

-- one row per user and date that differs from the outcome simulated for the user's arm.
-- Only days whose events must all have been delivered by as_of are compared.
with

users as (

    select * from {{ ref('gen_learning__users') }}

    where {{ delivered('learning') }}

),

sessions as (

    select * from {{ ref('gen_learning__sessions') }}

    where
        is_assigned
        and day_number < {{
            (delivered_until('learning') - world_start_date('learning')).days
            - setting('late_max_days') - 1
        }}

),

user_days as (

    select * from {{ ref('learning__user_daily') }}

    where
        {{ day_of_date('learning', 'as_of_date') }}
        < {{
            (delivered_until('learning') - world_start_date('learning')).days
            - setting('late_max_days') - 1
        }}

),

sessions_aggregated_to_day as (

    select
        sessions.user_id,
        {{ date_of_day('learning', 'sessions.day_number') }} as as_of_date,
        count(*) as session_count,
        sum(sessions.watch_hundredths) as watch_hundredths,
        sum(sessions.quiz_count) as quiz_count,
        sum(sessions.score_hundredths) as score_hundredths

    from sessions
    inner join users on sessions.user_id = users.user_id

    group by sessions.user_id, sessions.day_number

),

compared as (

    select
        coalesce(sessions.user_id, user_days.user_id) as user_id,
        coalesce(sessions.as_of_date, user_days.as_of_date) as as_of_date,
        coalesce(sessions.session_count, 0) as session_count,
        user_days.logins_count,
        coalesce(sessions.watch_hundredths, 0) as watch_hundredths,
        user_days.watch_minutes_sum,
        coalesce(sessions.quiz_count, 0) as quiz_count,
        user_days.quiz_attempts_count,
        coalesce(sessions.score_hundredths, 0) as score_hundredths,
        user_days.quiz_avg_score

    from user_days
    full join sessions_aggregated_to_day as sessions
        on
            user_days.user_id = sessions.user_id
            and user_days.as_of_date = sessions.as_of_date

)

select * from compared

where
    logins_count is null
    or session_count != logins_count
    or watch_hundredths != watch_minutes_sum * 100
    or quiz_count != quiz_attempts_count
    or abs(quiz_count * coalesce(quiz_avg_score, 0) * 100 - score_hundredths)
    > 0.00005 * quiz_count
