-- one row per metric, date and kind of p-value, as an analyst would have seen it on
-- that date
create or replace temp table figure as
with

dates as (

    select
        metric,
        as_of_date,
        unnest(['looked at every day', 'always valid']) as kind,
        unnest([p_value_peeking, p_value_always_valid]) as p_value

    from marts.experiments__sequential

    where
        experiment_id = getvariable('experiment')
        and treatment = getvariable('treatment')
        and p_value_peeking is not null

)

select
    replace(metric, '_', ' ') as panel,
    as_of_date as date,
    kind,
    p_value,
    0.05 as level
from dates
order by metric, kind = 'always valid', as_of_date;

-- one row: what the sentence says; Bonferroni allows for all metrics and treatments
with

comparisons as (

    select count(distinct concat_ws('/', treatment, metric)) as comparisons

    from marts.experiments__sequential

    where experiment_id = getvariable('experiment') and p_value_peeking is not null

),

metrics as (

    select
        figure.panel as metric,
        min(figure.p_value) * any_value(comparisons.comparisons) as p_value,
        min(figure.date) filter (
            figure.p_value * comparisons.comparisons < 0.05
        ) as found_on

    from figure
    cross join comparisons

    where figure.kind = 'always valid'

    group by figure.panel

),

totals as (

    select
        case
            when count(p_value) = 0 then 'untested'
            when min(p_value) < 0.05 then 'found'
            else 'nothing'
        end as says,
        min(least(1, p_value)) as p_value,
        list(metric order by metric) filter (p_value < 0.05) as metrics,
        min(found_on) as found_on

    from metrics

)

select
    totals.*,
    comparisons.comparisons
from totals
cross join comparisons
