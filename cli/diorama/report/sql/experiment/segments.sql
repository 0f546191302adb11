-- one row per metric and segment: the estimate, its interval and the truth
create or replace temp table figure as
with

true_segments as (

    select
        metric,
        split_part(scope, ':', 2) as segment,
        true_effect

    from truth.truth__effects

    where experiment_id = getvariable('experiment') and scope like 'segment:%'

)

select
    replace(estimates.metric, '_', ' ') as panel,
    estimates.segment,
    estimates.control_units + estimates.treatment_units as amount,
    estimates.effect,
    estimates.ci_lower,
    estimates.ci_upper,
    estimates.interaction_p_value,
    true_segments.true_effect,
    case
        when true_segments.true_effect between estimates.ci_lower and estimates.ci_upper
            then 'holds the truth'
        else 'misses it'
    end as verdict
from marts.experiments__heterogeneity as estimates
inner join true_segments
    on
        estimates.metric = true_segments.metric
        and estimates.segment = true_segments.segment
where
    estimates.experiment_id = getvariable('experiment')
    and estimates.dimension = 'segment'
    and estimates.ci_lower is not null
order by estimates.metric, estimates.segment;

-- one row: what the sentence says
with

metrics as (

    select
        panel as metric,
        any_value(interaction_p_value) as p_value,
        arg_max(segment, effect order by segment) as strongest,
        max(effect) as strongest_effect,
        arg_min(segment, effect order by segment) as weakest,
        min(effect) as weakest_effect

    from figure

    group by panel

)

select *
from metrics
order by p_value nulls last, metric
limit 1
