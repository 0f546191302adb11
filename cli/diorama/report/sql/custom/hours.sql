-- one row per weekday (1 Monday) and hour, UTC: sessions that start then, the mean over
-- the weekday's dates
create or replace temp table figure as
with

moments as (

    select
        isodow(session_date) as weekday,
        hour(started_at) as hour,
        session_date as date

    from marts.custom__sessions

),

dates as (

    select
        weekday,
        count(distinct date) as date_count

    from moments

    group by weekday

),

hours as (

    select
        weekday,
        hour,
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
