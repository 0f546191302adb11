-- one row per metric, estimator and estimand: the estimate and its interval
create or replace temp table figure as
select
    concat(replace(results.metric, '_', ' '), ' (', results.role, ')') as panel,
    concat(
        replace(results.estimator, '_', ' '),
        case when results.estimand != 'sate' then upper(' · ' || results.estimand) end
    ) as estimator,
    results.metric,
    results.role,
    results.estimator as estimator_name,
    results.estimand,
    results.is_decisive,
    results.control_units + results.treatment_units as amount,
    results.effect,
    results.ci_lower,
    results.ci_upper
from marts.experiments__results as results
where
    results.experiment_id = getvariable('experiment')
    and results.treatment = getvariable('treatment')
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
    results.estimand != 'sate',
    results.estimand;

-- one row per primary metric, and one per reason to withhold: what the sentence says
with

primaries as (

    select
        'range' as says,
        replace(metric, '_', ' ') as metric,
        max(estimator_name) filter (is_decisive) as estimator,
        max(effect) filter (is_decisive) as effect,
        min(effect) as lowest,
        max(effect) as highest,
        count(*) as estimates,
        cast(null as varchar[]) as estimators,
        cast(null as varchar) as reason

    from figure

    where role = 'primary'

    group by metric

    having count(*) filter (is_decisive) > 0

),

totals as (

    select count(*) as metrics

    from intermediate.int_experiments__metrics

    where experiment_id = getvariable('experiment')

),

withheld as (

    select
        'withheld' as says,
        case
            when count(distinct withheld.metric) = max(totals.metrics)
                then 'all metrics'
            else
                replace(
                    string_agg(distinct withheld.metric, ', ' order by withheld.metric),
                    '_', ' '
                )
        end as metric,
        cast(null as varchar) as estimator,
        cast(null as double) as effect,
        cast(null as double) as lowest,
        cast(null as double) as highest,
        cast(null as bigint) as estimates,
        list(distinct withheld.estimator order by withheld.estimator) as estimators,
        replace(withheld.reason, '_', ' ') as reason

    from marts.experiments__results_withheld as withheld
    cross join totals

    where
        withheld.experiment_id = getvariable('experiment')
        and withheld.treatment = getvariable('treatment')

    group by withheld.reason

)

select * from primaries
union all
select * from withheld
order by says, metric, reason
