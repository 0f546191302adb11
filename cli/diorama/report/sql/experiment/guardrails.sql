-- one row per guardrail: is it harmed by more than what is tolerated?
create or replace temp table figure as
select
    replace(metric, '_', ' ') as metric,
    direction as better,
    effect,
    margin as tolerated,
    p_value,
    replace(decision, '_', ' ') as decision
from marts.experiments__guardrails
where experiment_id = getvariable('experiment')
order by metric;

-- one row: what the sentence says
select
    count(*) as guardrails,
    count(*) filter (decision = 'not inferior') as kept,
    count(*) filter (decision = 'harmed') as harmed
from figure
