-- one row per weekday (1 Monday) and hour, UTC: the moments in it, and their mean over
-- the weekday's dates
create or replace temp table figure as
with

dates as (

    select
        isodow(date) as weekday,
        count(distinct date) as date_count

    from moments

    group by weekday

),

hours as (

    select
        isodow(date) as weekday,
        hour(moment) as hour,
        count(*) as total

    from moments

    group by weekday, hour

)

select
    hours.weekday,
    hours.hour,
    hours.total,
    dates.date_count,
    cast(hours.total as double) / nullif(dates.date_count, 0) as amount
from hours
inner join dates on hours.weekday = dates.weekday
order by hours.weekday, hours.hour;

-- one row: what the sentence says
with

hours as (

    select
        hour,
        sum(total) as total

    from figure

    group by hour

),

weekdays as (

    select
        weekday,
        cast(sum(total) as double) / nullif(max(date_count), 0) as amount

    from figure

    group by weekday

),

by_hour as (

    select
        arg_max(hour, total order by hour) as busiest_hour,
        cast(max(total) as double) / nullif(sum(total), 0) as busiest_share,
        arg_min(hour, total order by hour) as quietest_hour,
        cast(min(total) as double) / nullif(sum(total), 0) as quietest_share

    from hours

),

by_weekday as (

    select
        arg_max(weekday, amount order by weekday) as busiest_weekday,
        max(amount) / nullif(min(amount), 0) - 1 as busiest_excess

    from weekdays

)

select
    by_hour.*,
    by_weekday.busiest_excess,
    dayname(date '2024-01-01' + cast(by_weekday.busiest_weekday - 1 as integer))
        as busiest_day
from by_hour
cross join by_weekday
