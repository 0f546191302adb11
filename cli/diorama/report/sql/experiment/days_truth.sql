-- the same with the true effect
create or replace temp table figure as
with

true_days as (

    select
        metric,
        cast(split_part(scope, ':', 2) as bigint) as day,
        true_effect

    from truth.truth__effects

    where
        experiment_id = getvariable('experiment')
        and treatment = getvariable('treatment')
        and scope like 'day:%'

)

select
    figure.*,
    true_days.true_effect
from figure
left join true_days
    on figure.metric = true_days.metric and figure.day = true_days.day
order by figure.rowid;

-- one row: what the sentence says
select
    count(true_effect) as days,
    count(*) filter (true_effect between ci_lower and ci_upper) as holding
from figure
having count(true_effect) > 0
