-- one row per metric and estimator: how often its 95 % interval holds the truth when
-- the assignment is drawn anew
create or replace temp table figure as
select
    replace(calibration.metric, '_', ' ') as panel,
    replace(calibration.estimator, '_', ' ') as estimator,
    'coverage' as measure,
    calibration.coverage,
    calibration.replicate_count,
    0.95 as level
from truth.truth__calibration as calibration
where
    calibration.experiment_id = getvariable('experiment')
    and calibration.treatment = getvariable('treatment')
    and calibration.coverage is not null
order by
    calibration.metric,
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
        calibration.estimator
    );

-- one row: what the sentence says; four standard errors are chance for all pairs
with

totals as (

    select
        max(replicate_count) as replicates,
        arg_min(estimator, coverage order by panel, estimator) as worst,
        arg_min(panel, coverage order by panel, estimator) as worst_metric,
        min(coverage) as worst_coverage,
        count(*) filter (coverage < 0.95 - 4 * sqrt(
            0.95 * 0.05
            / nullif(replicate_count, 0)
        ))
            as bad,
        count(*) as pairs

    from figure

)

select
    *,
    case when bad > 0 then 'missing' else 'nothing' end as says
from totals
