{{ config(group='generator', tags=['feed']) }}

-- one row per session that differs from the outcome simulated for its user's arm.
-- Only days whose events must all have been delivered by as_of are compared.
with

generated_users as (

    select * from {{ ref('gen_feed__users') }}

    where {{ delivered('feed') }}

),

generated_sessions as (

    select * from {{ ref('gen_feed__sessions') }}

    where
        is_assigned
        and started_at_ms
        < {{ epoch_ms_literal(delivered_until('feed')) }}
        - ({{ setting('late_max_days') }} + 1) * 86400000

),

sessions as (

    select
        user_id,
        feature_flag,
        card_view_count,
        duration_seconds,
        {{ epoch_ms('started_at') }} as started_at_ms

    from {{ ref('feed__sessions') }}

),

expected as (

    select
        generated_sessions.user_id,
        generated_sessions.variant,
        generated_sessions.card_view_count,
        generated_sessions.length_ms,
        generated_sessions.started_at_ms

    from generated_sessions
    inner join generated_users on generated_sessions.user_id = generated_users.user_id

),

different as (

    select
        expected.user_id,
        expected.variant,
        expected.started_at_ms,
        expected.card_view_count as expected_card_view_count,
        sessions.card_view_count,
        expected.length_ms as expected_length_ms,
        sessions.duration_seconds

    from expected
    left join sessions
        on
            expected.user_id = sessions.user_id
            and expected.started_at_ms = sessions.started_at_ms

    where
        sessions.user_id is null
        or sessions.feature_flag != expected.variant
        or sessions.card_view_count != expected.card_view_count
        or sessions.duration_seconds * 1000 != expected.length_ms

)

select * from different
