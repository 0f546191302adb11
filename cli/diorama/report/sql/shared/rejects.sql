-- one row per raw table and reason with rows
create or replace temp table figure as
select
    raw_table as panel,
    replace(reject_reason, '_', ' ') as reason,
    reject_count as amount
from rejects
where reject_count > 0
order by raw_table asc, reject_count desc, reject_reason asc;

-- one row: what the sentence says
with

totals as (

    select sum(accepted) as accepted

    from accepted

),

reasons as (

    select
        reason,
        sum(amount) as amount

    from figure

    group by reason

),

rejected as (

    select
        cast(sum(amount) as bigint) as rejected,
        arg_max(reason, amount order by reason) as commonest

    from reasons

)

select
    rejected.*,
    cast(totals.accepted as bigint) as accepted,
    cast(rejected.rejected as double)
    / nullif(rejected.rejected + totals.accepted, 0) as share
from totals
cross join rejected
