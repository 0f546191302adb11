-- one row per user and day from the sign-up, or the start, to the last delivered day of the world
with

users as (

    select * from {{ ref('stg_custom__users') }}

),

sessions as (

    select * from {{ ref('int_custom__sessions') }}

),

sessions_aggregated_to_user_day as (

    select
        user_id,
        cast(started_at as date) as session_date,
        {{- listed(declared_names('events'), 'cast(sum({}_count) as bigint) as {}_count') }}
        {{- listed(measured_numbers(), 'cast(sum({}) as bigint) as {}') }}
        count(*) as session_count,
        cast(sum(event_count) as bigint) as event_count

    from sessions

    group by user_id, session_date

),

followed as (

    select
        user_id,
        cast(signup_date as date) as signup_date,
        greatest(
            {{ days_between('signup_date', timestamp_literal(world_start_date('custom'))) }},
            0
        ) as first_day,
        {{ days_between(
            'signup_date', timestamp_literal(last_delivered_date('custom'))
        ) }} as last_day

    from users

),

expanded_to_days as (

    select
        user_id,
        signup_date,
        {{ unnest_range('first_day', 'last_day + 1') }} as days_since_signup

    from followed

),

dated as (

    select
        expanded_to_days.*,
        {{ add_days('signup_date', 'days_since_signup') }} as activity_date

    from expanded_to_days

),

filled as (

    select
        dated.user_id,
        dated.activity_date,
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(sessions.event_count, 0) as event_count,
        {{- listed(declared_names('events'), 'coalesce(sessions.{}_count, 0) as {}_count') }}
        {{- decimal_sums('sessions') }}
        dated.days_since_signup,
        sessions.session_count is not null as is_active_day

    from dated
    left join sessions_aggregated_to_user_day as sessions
        on
            dated.user_id = sessions.user_id
            and dated.activity_date = sessions.session_date

)

select * from filled
