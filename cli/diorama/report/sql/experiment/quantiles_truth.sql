-- the same with the true effect
create or replace temp table figure as
select
    figure.*,
    scorecard.true_effect,
    case
        when scorecard.covers_truth then 'holds the truth'
        when not scorecard.covers_truth then 'misses it'
    end as verdict
from figure
left join truth.truth__scorecard as scorecard
    on
        scorecard.experiment_id = getvariable('experiment')
        and scorecard.treatment = getvariable('treatment')
        and figure.metric = scorecard.metric
        and scorecard.estimand = concat('quantile:', figure.quantile_level)
order by figure.rowid;

-- one row: what the sentence says
select
    count(verdict) as intervals,
    count(*) filter (verdict = 'holds the truth') as holding
from figure
having count(verdict) > 0
