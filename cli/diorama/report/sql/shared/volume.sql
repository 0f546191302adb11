-- one row: what the sentence says
with

periods as (

    select
        unit,
        period,
        sum(amount) as amount

    from figure

    group by unit, period

),

totals as (

    select
        unit,
        cast(sum(amount) as bigint) as events,
        count(*) as periods,
        min(period) as first_period,
        max(period) as last_period,
        arg_max(period, amount order by period) as busiest,
        cast(max(amount) as bigint) as busiest_amount

    from periods

    group by unit

),

kinds as (

    select
        kind,
        sum(amount) as amount

    from figure

    group by kind

),

largest as (

    select
        arg_max(kind, amount order by kind) as largest_kind,
        cast(max(amount) as double) / nullif(sum(amount), 0) as largest_share

    from kinds

)

select
    totals.*,
    largest.*
from totals
cross join largest
