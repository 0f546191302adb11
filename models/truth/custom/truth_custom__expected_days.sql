-- one row per claim on retention and weekdays: what came out, and what is expected
with

days as (

    select * from {{ ref('gen_custom__day_draws') }}

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

cells as (

    select
        days.segment_number,
        days.days_since_signup,
        days.day_of_week,
        days.active_share,
        days.weekday_factor,
        count(*) as day_count,
        count(active_days.user_number) as active_count

    from days
    left join active_days
        on
            days.user_number = active_days.user_number
            and days.day_number = active_days.day_number

    where days.days_since_signup > 0

    group by
        days.segment_number, days.days_since_signup, days.day_of_week, days.active_share,
        days.weekday_factor

),

expected_cells as (

    select
        claims.claim,
        claims.declared,
        cells.day_count,
        cells.active_count,
        cast(
            floor(
                1000000000 * least(
                    1,
                    claims.declared * case claims.target
                        when 'retention' then cells.weekday_factor
                        else cells.active_share
                    end
                )
            ) as hugeint
        ) as active_ppb

    from claims
    inner join cells
        on
            (claims.target = 'retention' and claims.day = cells.days_since_signup)
            or (claims.target = 'weekday' and claims.day = cells.day_of_week)

    where coalesce(claims.segment_number, cells.segment_number) = cells.segment_number

),

of_days as (

    select
        claim,
        declared,
        cast(sum(active_count) as double) as observed_sum,
        cast(sum(day_count * active_ppb) as double) / 1000000000 as expected_sum,
        cast(sum(day_count * active_ppb * (1000000000 - active_ppb)) as double)
        / 1e18 as variance,
        cast(sum(day_count) as bigint) as trial_count

    from expected_cells

    group by claim, declared

)

select *, true as is_bounded from of_days
