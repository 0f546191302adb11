-- the same with the true effect, which the estimate is of
create or replace temp table figure as
select
    figure.*,
    scorecard.true_effect
from figure
left join truth.truth__scorecard as scorecard
    on
        scorecard.experiment_id = getvariable('experiment')
        and scorecard.treatment = getvariable('treatment')
        and figure.metric_id = scorecard.metric
        and figure.estimator = scorecard.estimator
        and figure.estimand = scorecard.estimand
order by figure.rowid;

-- one row: what the sentence says
select
    count(true_effect) as metrics,
    count(*) filter (true_effect between ci_lower and ci_upper) as holding
from figure
having count(true_effect) > 0
