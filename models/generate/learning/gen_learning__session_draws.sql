{{ config(materialized=large_view_or_table()) }}

-- one row per session and variant: its key and draws
with

days as (

    select * from {{ ref('gen_learning__days') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

expanded_to_sessions as (

    select
        user_number,
        user_id,
        day_number,
        day_key,
        variant,
        engagement_ppb,
        is_paid,
        is_assigned,
        activity_date,
        {{ unnest_range(0, 'session_count') }} as session_number

    from days

),

keyed as (

    select
        expanded_to_sessions.*,
        {{ fold_in('day_key', 'session_number') }} as session_key

    from expanded_to_sessions

),

drawn as (

    select
        keyed.*,
        profile.hour_count
        * {{ uniform('keyed.session_key', 'learning.sessions.hour') }} as hour_position,
        {{ uniform('keyed.session_key', 'learning.sessions.login') }} as login_draw,
        {{ uniform('keyed.session_key', 'learning.sessions.course') }} as course_draw,
        {{ uniform('keyed.session_key', 'learning.sessions.enrolment') }}
        < profile.enrol_probability as has_enrolment,
        {{ uniform('keyed.session_key', 'learning.sessions.video') }}
        < profile.video_base + profile.video_slope * keyed.engagement_ppb
        / cast(1000000000 as double) as has_video,
        {{ uniform('keyed.session_key', 'learning.sessions.quiz') }}
        < profile.quiz_base + profile.quiz_slope * keyed.engagement_ppb
        / cast(1000000000 as double) as has_quiz,
        -- payments and tickets are the day's, in its session 0
        keyed.session_number = 0
        and keyed.is_paid
        and extract(day from keyed.activity_date) <= profile.payment_days
            as has_payment,
        {{ uniform('keyed.session_key', 'learning.sessions.payment') }}
        < profile.payment_success_probability as is_payment_successful,
        keyed.session_number = 0
        and {{ uniform('keyed.session_key', 'learning.sessions.ticket') }}
        < profile.ticket_probability as has_ticket,
        cast(3600 / profile.sessions_max as bigint) as block_seconds

    from keyed
    cross join profile

),

-- logarithms and cosines only where they are used
valued as (

    select
        *,
        case
            when has_video
                then {{ normal('session_key', 'learning.sessions.minutes') }}
        end as minutes_noise,
        {{ uniform('session_key', 'learning.sessions.minutes_spread') }}
            as minutes_spread,
        case
            when has_quiz then {{ normal('session_key', 'learning.sessions.score') }}
        end as score_noise,
        case
            when has_payment
                then {{ normal('session_key', 'learning.sessions.amount') }}
        end as amount_noise

    from drawn

)

select * from valued
