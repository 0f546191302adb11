-- one row per treatment and primary metric: the verdict, and the estimate behind it
create or replace temp table figure as
select
    verdicts.treatment,
    replace(verdicts.verdict, '_', ' ') as verdict,
    replace(verdicts.reason, '_', ' ') as reason,
    replace(results.metric, '_', ' ') as metric,
    results.estimator,
    results.effect,
    results.ci_lower,
    results.ci_upper,
    results.relative_effect,
    results.p_value_holm
from marts.experiments__verdicts as verdicts
left join marts.experiments__results as results
    on
        verdicts.experiment_id = results.experiment_id
        and verdicts.treatment = results.treatment
        and verdicts.blocked_by is null
        and results.is_decisive
        and results.role = 'primary'
where verdicts.experiment_id = getvariable('experiment')
order by verdicts.treatment, results.metric;

-- one row per treatment: what the sentence says
select distinct
    verdict as says,
    treatment,
    reason
from figure
order by treatment
