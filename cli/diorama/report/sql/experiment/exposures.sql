-- one row per date and arm: units exposed for the first time
create or replace temp table figure as
select
    exposure_date as period,
    'day' as unit,
    variant as kind,
    cast(is_treated as integer) as rank,
    count(*) as amount
from intermediate.int_experiments__exposures
where experiment_id = getvariable('experiment')
group by period, kind, rank
order by rank, period;

-- one row: what the sentence says
select
    count(*) as units,
    cast(count(*) filter (is_treated) as double) / nullif(count(*), 0) as treated_share,
    cast(sum(cast(assignment_probability as decimal(18, 9))) as double)
    / nullif(count(*), 0)
        as planned_share,
    count(*) filter (is_multi_variant) as both_arms,
    min(exposure_date) as first_date,
    max(exposure_date) as last_date
from intermediate.int_experiments__exposures
where experiment_id = getvariable('experiment')
