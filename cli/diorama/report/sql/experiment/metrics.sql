-- one row per metric: the estimate that decides, or why there is none
create or replace temp table figure as
with

withheld as (

    select
        withheld.metric,
        min(withheld.reason) as reason

    from marts.experiments__results_withheld as withheld
    inner join intermediate.int_experiments__experiments as experiments
        on
            withheld.experiment_id = experiments.experiment_id
            and withheld.estimator = experiments.estimator

    where
        withheld.experiment_id = getvariable('experiment')
        and withheld.treatment = getvariable('treatment')

    group by withheld.metric

),

described as (

    select
        metrics.metric,
        metrics.role,
        results.estimator,
        results.estimand,
        results.control_mean,
        results.treatment_mean,
        results.effect,
        results.ci_lower,
        results.ci_upper,
        results.relative_effect,
        results.p_value_holm,
        metrics.unit,
        verdicts.blocked_by,
        guardrails.decision as guardrail,
        (results.effect > 0) = (metrics.direction = 'increase') as is_better,
        case
            when metrics.margin_is_relative then format('{:g} %', 100 * metrics.margin)
            else format('{:g}', metrics.margin)
        end as tolerated,
        coalesce(replace(withheld.reason, '_', ' '), 'no units') as reason

    from intermediate.int_experiments__metrics as metrics
    inner join marts.experiments__verdicts as verdicts
        on metrics.experiment_id = verdicts.experiment_id
    left join marts.experiments__results as results
        on
            verdicts.experiment_id = results.experiment_id
            and verdicts.treatment = results.treatment
            and metrics.metric = results.metric
            and results.is_decisive
    left join marts.experiments__guardrails as guardrails
        on
            verdicts.experiment_id = guardrails.experiment_id
            and verdicts.treatment = guardrails.treatment
            and metrics.metric = guardrails.metric
    left join withheld on metrics.metric = withheld.metric

    where
        verdicts.experiment_id = getvariable('experiment')
        and verdicts.treatment = getvariable('treatment')

)

select
    replace(metric, '_', ' ') as metric,
    role,
    case
        when estimator is null then concat('withheld: ', reason)
        when blocked_by is not null then 'not used'
        when p_value_holm < 0.05 and is_better then 'better'
        when p_value_holm < 0.05 and role = 'guardrail' then 'harmed'
        when p_value_holm < 0.05 then 'worse'
        when guardrail = 'not_inferior' then 'not inferior'
        else 'undecided'
    end as decision,
    control_mean,
    treatment_mean,
    effect,
    ci_lower,
    ci_upper,
    relative_effect,
    p_value_holm,
    estimator,
    estimand,
    unit,
    tolerated,
    metric as metric_id
from described
order by list_position(['primary', 'secondary', 'guardrail'], role), metric;

-- one row per role with changes, and one for the others: what the sentence says
with

roles as (

    select
        role,
        case
            when bool_and(decision = 'not used' or decision like 'withheld%')
                then 'unused'
            when bool_or(decision in ('better', 'worse', 'harmed')) then 'found'
            else 'nothing'
        end as says,
        list(concat(metric, ' ', decision) order by metric) filter (
            decision in ('better', 'worse', 'harmed')
        ) as changes

    from figure

    group by role

)

select
    says,
    changes,
    list(role order by list_position(['primary', 'secondary', 'guardrail'], role))
        as roles
from roles
group by says, changes
order by min(list_position(['primary', 'secondary', 'guardrail'], role))
