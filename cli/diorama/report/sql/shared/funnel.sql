-- one row per step; a user of a step was in all steps before it
create or replace temp table figure as
with

counted as (

    select
        steps.step_number,
        steps.step,
        count(*) filter (reached.step_count >= steps.step_number) as amount

    from reached
    cross join steps

    group by steps.step_number, steps.step

)

select
    step_number,
    step,
    amount,
    cast(amount as double) / nullif(max(amount) over (), 0) as share,
    cast(amount as double) / nullif(lag(amount) over (order by step_number), 0)
        as share_of_previous
from counted
order by step_number;

-- one row: what the sentence says
select
    max(amount) filter (step_number = 0) as users,
    max(share) filter (step_number = 2) as second_share,
    max(share) filter (step_number = 4) as fourth_share,
    max(share) filter (step_number = 5) as last_share
from figure
