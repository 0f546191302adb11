{{ config(group='generator', tags=['shop']) }}

-- one row per session that differs from the outcome simulated for its user's arm.
-- Only days whose events must all have been delivered by as_of are compared.
with

generated_users as (

    select * from {{ ref('gen_shop__users') }}

    where {{ delivered('shop') }}

),

generated_sessions as (

    select * from {{ ref('gen_shop__session_outcomes') }}

    where
        is_assigned
        and started_at_ms
        < {{ epoch_ms_literal(delivered_until('shop')) }}
        - ({{ setting('late_max_days') }} + 1) * 86400000

),

sessions as (

    select
        session_id,
        view_count,
        purchase_count,
        revenue_cents,
        {{ epoch_ms('started_at') }} as started_at_ms

    from {{ ref('shop__sessions') }}

),

expected as (

    select
        generated_sessions.session_id,
        generated_sessions.item_count,
        generated_sessions.purchase_count,
        generated_sessions.revenue_cents,
        generated_sessions.started_at_ms

    from generated_sessions
    inner join generated_users
        on generated_sessions.user_number = generated_users.user_number

),

different as (

    select
        expected.session_id,
        expected.item_count,
        sessions.view_count,
        expected.purchase_count as expected_purchase_count,
        sessions.purchase_count,
        expected.revenue_cents as expected_revenue_cents,
        sessions.revenue_cents

    from expected
    left join sessions on expected.session_id = sessions.session_id

    where
        sessions.session_id is null
        or sessions.started_at_ms != expected.started_at_ms
        or sessions.view_count != expected.item_count
        or sessions.purchase_count != expected.purchase_count
        or sessions.revenue_cents != expected.revenue_cents

)

select * from different
