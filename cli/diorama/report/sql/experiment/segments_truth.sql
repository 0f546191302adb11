-- the same with the true effect
create or replace temp table figure as
with

true_segments as (

    select
        metric,
        split_part(scope, ':', 2) as segment,
        true_effect

    from truth.truth__effects

    where
        experiment_id = getvariable('experiment')
        and treatment = getvariable('treatment')
        and scope like 'segment:%'

)

select
    figure.*,
    true_segments.true_effect,
    case
        when true_segments.true_effect between figure.ci_lower and figure.ci_upper
            then 'holds the truth'
        when true_segments.true_effect is not null then 'misses it'
    end as verdict
from figure
left join true_segments
    on
        figure.metric = true_segments.metric
        and figure.segment = true_segments.segment
order by figure.rowid;

-- one row: what the sentence says
select
    count(verdict) as intervals,
    count(*) filter (verdict = 'holds the truth') as holding
from figure
having count(verdict) > 0
