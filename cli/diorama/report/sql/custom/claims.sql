-- one row per declared number, those farthest off first
create or replace temp table figure as
select
    claim,
    declared,
    observed,
    std_error,
    z,
    trial_count,
    case holds when true then 'holds' when false then 'off' else 'not shown' end
        as verdict
from truth.truth_custom__claims
order by holds asc nulls first, abs(z) desc nulls last, claim asc
limit 40;

-- one row: what the sentence says
select
    count(*) as claims,
    count(*) filter (holds) as holding,
    max(abs(z)) as farthest
from truth.truth_custom__claims
