-- one row per kind of event: in how many sessions there was one
create or replace temp table figure as
with

sessions as (

    select
        event_name,
        count(distinct session_id) as amount

    from staging.stg_custom__events

    group by event_name

)

select
    cast(row_number() over (order by amount desc, event_name asc) - 1 as bigint)
        as step_number,
    replace(event_name, '_', ' ') as step,
    amount,
    cast(amount as double) / nullif(max(amount) over (), 0) as share,
    cast(amount as double)
    / nullif(lag(amount) over (order by amount desc, event_name asc), 0)
        as share_of_previous
from sessions
order by step_number;

-- one row: what the sentence says
select
    max(amount) as sessions,
    arg_min(step, share order by step) as rarest,
    min(share) as rarest_share
from figure
