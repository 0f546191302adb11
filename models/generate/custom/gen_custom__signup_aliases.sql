-- one row per day on which users sign up, also before the start: the alias table of it
with

days as (

    select
        day_number,
        case
            when day_number < 0 then 0
            else
                power(
                    cast({{ 1 + declaration()['signups_weekly_growth'] }} as double),
                    day_number / cast(7 as double)
                )
        end as growth

    from {{ series(
        -declaration()['signups_before_days'], setting('custom_days'), 'day_number'
    ) }} as days

),

weighted as (

    select
        day_number as category,
        cast(
            floor(
                100000000 * case
                    when day_number < 0
                        then {{ declaration()['signups_before'] / declaration()['signups_before_days'] }}
                    else {{ 1 - declaration()['signups_before'] }} * growth / sum(growth) over ()
                end + 0.5
            ) as bigint
        ) as weight

    from days

),

aliases as (

    {{ alias_table('weighted') }}

)

select
    bucket,
    category as signup_day,
    alias_category as alias_signup_day,
    own_share

from aliases
