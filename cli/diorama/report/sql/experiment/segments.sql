-- one row per metric and segment: the estimate and its interval
create or replace temp table figure as
select
    replace(metric, '_', ' ') as panel,
    segment,
    estimator,
    control_units + treatment_units as amount,
    effect,
    ci_lower,
    ci_upper,
    interaction_p_value_holm,
    metric
from marts.experiments__heterogeneity
where
    experiment_id = getvariable('experiment')
    and treatment = getvariable('treatment')
    and dimension = 'segment'
    and ci_lower is not null
order by list_position(['primary', 'secondary', 'guardrail'], role), metric, segment;

-- one row: what the sentence says
with

metrics as (

    select
        panel as metric,
        any_value(interaction_p_value_holm) as p_value,
        arg_max(segment, effect order by segment) as strongest,
        max(effect) as strongest_effect,
        arg_min(segment, effect order by segment) as weakest,
        min(effect) as weakest_effect

    from figure

    where interaction_p_value_holm is not null

    group by panel

),

totals as (

    select
        case
            when count(*) = 0 then 'untested'
            when min(p_value) < 0.05 then 'found'
            else 'nothing'
        end as says,
        count(*) as tested,
        count(*) filter (p_value < 0.05) as differing

    from metrics

),

estimators as (

    select list(distinct estimator order by estimator) as estimators

    from figure

    where interaction_p_value_holm is not null

),

clearest as (

    select *

    from metrics

    order by p_value, metric

    limit 1

)

select
    totals.*,
    estimators.estimators,
    clearest.*
from totals
cross join estimators
left join clearest on totals.says != 'untested'
