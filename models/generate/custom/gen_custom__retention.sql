-- one row per segment and days since the sign-up: the share of users who are active
with

points as (

    {{ parameters('retention') }}

),

ranges as (

    select
        segment_number,
        days_since_signup as day_from,
        active_share as share_from,
        lead(days_since_signup) over (
            partition by segment_number order by days_since_signup
        ) as day_to,
        lead(active_share) over (
            partition by segment_number order by days_since_signup
        ) as share_to

    from points

    union all

    -- before the first declared day, from all users on day 0
    select
        segment_number,
        0 as day_from,
        1 as share_from,
        min(days_since_signup) as day_to,
        max(active_share) as share_to

    from points

    group by segment_number

),

expanded as (

    select
        ranges.*,
        {{ unnest_range(
            'day_from',
            'coalesce(day_to, greatest(day_from + 1, '
            ~ (setting('custom_days') + declaration()['signups_before_days'] + 1) ~ '))'
        ) }} as days_since_signup

    from ranges

),

-- the logarithm of the share is linear in that of the day, from day 0 on in the day
interpolated as (

    select
        segment_number,
        days_since_signup,
        case
            when day_to is null then share_from
            when day_from = 0
                then power(share_to, days_since_signup / cast(day_to as double))
            else
                share_from * power(
                    share_to / share_from,
                    ln(days_since_signup / cast(day_from as double))
                    / ln(day_to / cast(day_from as double))
                )
        end as active_share

    from expanded

)

select * from interpolated
