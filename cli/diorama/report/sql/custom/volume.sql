-- one row per period and kind of event; periods are days, in a long world weeks or
-- months
create or replace temp table figure as
with

days as (

    select
        event_date as day,
        replace(event_name, '_', ' ') as kind,
        count(*) as amount

    from staging.stg_custom__events

    group by day, kind

),

spans as (

    select
        case
            when max(day) - min(day) > 1200 then 'month'
            when max(day) - min(day) > 200 then 'week'
            else 'day'
        end as unit

    from days

)

select
    cast(date_trunc(spans.unit, days.day) as date) as period,
    spans.unit,
    days.kind,
    0 as rank,
    cast(sum(days.amount) as bigint) as amount
from days
cross join spans
group by all
order by rank, days.kind, period;
