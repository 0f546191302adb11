-- one row per metric, estimator and estimand: the estimate, its interval and the truth
create or replace temp table figure as
select
    replace(results.metric, '_', ' ') || ' (' || results.role || ')' as panel,
    replace(results.estimator, '_', ' ') || ' · ' || upper(results.estimand)
        as estimator,
    results.metric,
    results.role,
    results.control_units + results.treatment_units as amount,
    results.effect,
    results.ci_lower,
    results.ci_upper,
    scorecard.true_effect,
    scorecard.bias_in_std_errors,
    case when scorecard.covers_truth then 'holds the truth' else 'misses it' end
        as verdict
from marts.experiments__results as results
inner join truth.truth__scorecard as scorecard
    on
        results.experiment_id = scorecard.experiment_id
        and results.treatment = scorecard.treatment
        and results.metric = scorecard.metric
        and results.estimator = scorecard.estimator
        and results.estimand = scorecard.estimand
where
    results.experiment_id = getvariable('experiment')
    and results.effect is not null
    and results.ci_lower is not null
order by
    list_position(['primary', 'secondary', 'guardrail'], results.role),
    results.metric,
    list_position(
        [
            'naive',
            'cuped',
            'ancova',
            'lin',
            'post_stratified',
            'post_stratified_cuped',
            'ipw',
            'aipw',
            'did'
        ],
        results.estimator
    ),
    results.estimand;

-- one row: what the sentence says
with

farthest as (

    select *

    from figure

    order by abs(bias_in_std_errors) desc nulls last, metric asc, estimator asc

    limit 1

),

totals as (

    select
        count(*) as intervals,
        count(*) filter (verdict = 'holds the truth') as holding

    from figure

)

select
    totals.*,
    farthest.panel as metric,
    farthest.estimator,
    farthest.effect,
    farthest.ci_lower,
    farthest.ci_upper,
    farthest.true_effect,
    abs(farthest.bias_in_std_errors) as std_errors
from totals
cross join farthest
