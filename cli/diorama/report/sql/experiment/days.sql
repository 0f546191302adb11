-- one row per metric and day since exposure: the estimate and its interval
create or replace temp table figure as
select
    replace(metric, '_', ' ') as panel,
    days_since_exposure as day,
    effect,
    ci_lower,
    ci_upper,
    n_units as amount,
    metric
from marts.experiments__effect_by_day
where
    experiment_id = getvariable('experiment')
    and treatment = getvariable('treatment')
    and ci_lower is not null
    and days_since_exposure <= 120
order by metric, days_since_exposure;

-- one row: what the sentence says
with

tests as (

    select
        replace(metric, '_', ' ') as metric,
        estimator,
        unit,
        novelty_difference as difference,
        p_value_holm as p_value

    from marts.experiments__novelty

    where
        experiment_id = getvariable('experiment')
        and treatment = getvariable('treatment')
        and p_value_holm is not null

),

totals as (

    select
        case
            when count(*) = 0 then 'untested'
            when min(p_value) < 0.05 then 'found'
            else 'nothing'
        end as says,
        list(metric order by metric) as tested,
        list(
            concat(metric, format(' by {:+.3g} ', difference), unit, ' a day')
            order by metric
        ) filter (p_value < 0.05) as changes,
        list(distinct estimator order by estimator) as estimators,
        min(p_value) as smallest,
        max(p_value) filter (p_value < 0.05) as p_value

    from tests

)

select * from totals
