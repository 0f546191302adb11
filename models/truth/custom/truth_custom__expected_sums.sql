-- one row per claim on sessions and sign-ups: what came out, and what is expected
with

users as (

    select * from {{ ref('gen_custom__users') }}

),

baseline as (

    select * from {{ ref('gen_custom__baseline_steps') }}

    where event_number = 0

),

claims as (

    {{ parameters('other_claims') }}

),

active_days as (

    select
        user_number,
        day_number,
        count(*) as session_count

    from baseline

    group by user_number, day_number

),

sessions_aggregated_to_user as (

    select
        users.segment_number,
        cast(sum(active_days.session_count) as bigint) as session_count,
        count(*) as active_count

    from active_days
    inner join users on active_days.user_number = users.user_number

    group by users.user_number, users.segment_number

),

users_of_claims as (

    select
        claims.claim,
        claims.declared,
        per_user.session_count,
        cast(1000000 * per_user.session_count as hugeint)
        - per_user.active_count * cast(round(1000000 * claims.declared) as bigint)
            as surplus_ppm

    from claims
    cross join sessions_aggregated_to_user as per_user

    where
        claims.target = 'sessions'
        and coalesce(claims.segment_number, per_user.segment_number)
        = per_user.segment_number

),

of_sessions as (

    select
        claim,
        declared,
        cast(sum(session_count) as double) as observed_sum,
        cast(sum(session_count) as double) - cast(sum(surplus_ppm) as double) / 1000000
            as expected_sum,
        cast(sum(surplus_ppm * surplus_ppm) as double) / 1e12 as variance,
        count(*) as trial_count

    from users_of_claims

    group by claim, declared

),

signup_days as (

    select
        signup_day,
        case
            when signup_day < 0 then 0
            else
                power(
                    cast(
                        {{ 1 + declaration()['signups_weekly_growth'] }} as double
                    ),
                    signup_day / cast(7 as double)
                )
        end as weight

    from {{ ref('gen_custom__signup_aliases') }}

),

signup_moments as (

    select
        {{ ordered_sum('weight * signup_day', 'signup_day') }}
        / {{ ordered_sum('weight', 'signup_day') }} as mean_day,
        {{ ordered_sum('weight * signup_day * signup_day', 'signup_day') }}
        / {{ ordered_sum('weight', 'signup_day') }} as mean_square

    from signup_days

),

of_signups as (

    select
        claims.claim,
        claims.declared,
        cast(sum(users.signup_day) as double) as observed_sum,
        count(*) * claims.declared as expected_sum,
        count(*) * max(
            signup_moments.mean_square
            - signup_moments.mean_day * signup_moments.mean_day
        ) as variance,
        count(*) as trial_count

    from claims
    cross join users
    cross join signup_moments

    where
        claims.target = 'signup_day'
        and users.signup_day >= 0
        and {{ 'true' if delivered_until('custom') > world_end_date('custom') else 'false' }}

    group by claims.claim, claims.declared

),

summed as (

    select *, false as is_bounded from of_sessions

    union all

    select *, false as is_bounded from of_signups

)

select * from summed
