-- the same with the truth
create or replace temp table figure as
select
    figure.*,
    scorecard.true_effect,
    scorecard.true_effect_on_all,
    scorecard.bias_in_std_errors,
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
        and figure.estimator_name = scorecard.estimator
        and figure.estimand = scorecard.estimand
order by figure.rowid;

-- one row: what the sentence says
with

farthest as (

    select *

    from figure

    where bias_in_std_errors is not null

    order by abs(bias_in_std_errors) desc, metric asc, estimator asc

    limit 1

),

totals as (

    select
        count(*) as intervals,
        count(*) filter (verdict = 'holds the truth') as holding,
        count(*) filter (is_decisive) as decisive,
        count(*) filter (is_decisive and verdict = 'holds the truth')
            as decisive_holding

    from figure

    where verdict is not null

)

select
    totals.*,
    farthest.panel as metric,
    farthest.estimator,
    farthest.effect,
    farthest.true_effect,
    farthest.true_effect_on_all,
    case
        when farthest.true_effect_on_all != farthest.true_effect then 'unlogged'
        else 'logged'
    end as says,
    abs(farthest.bias_in_std_errors) as std_errors
from totals
cross join farthest
