-- one row per metric and day since exposure: the estimate, its interval and the truth
create or replace temp table figure as
with

true_days as (

    select
        metric,
        cast(split_part(scope, ':', 2) as bigint) as day,
        true_effect

    from truth.truth__effects

    where experiment_id = getvariable('experiment') and scope like 'day:%'

)

select
    replace(days.metric, '_', ' ') as panel,
    days.days_since_exposure as day,
    days.effect,
    days.ci_lower,
    days.ci_upper,
    days.n_units as amount,
    days.novelty_difference,
    days.novelty_p_value,
    true_days.true_effect
from marts.experiments__effect_by_day as days
inner join true_days
    on
        days.metric = true_days.metric
        and days.days_since_exposure = true_days.day
where
    days.experiment_id = getvariable('experiment')
    and days.ci_lower is not null
    and days.days_since_exposure <= 120
order by days.metric, days.days_since_exposure;

-- one row: what the sentence says
with

ends as (

    select
        panel as metric,
        max(day) as last_day,
        arg_min(effect, day) as first_effect,
        arg_max(effect, day) as last_effect,
        any_value(novelty_difference) as novelty_difference,
        any_value(novelty_p_value) as novelty_p_value

    from figure

    group by panel

)

select *
from ends
order by novelty_p_value nulls last, metric
limit 1
