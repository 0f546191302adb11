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

    where experiment_id = getvariable('experiment') and p_value_peeking is not null

)

select
    replace(metric, '_', ' ') as panel,
    as_of_date as date,
    kind,
    p_value,
    0.05 as level
from dates
order by metric, kind = 'always valid', as_of_date;

-- one row: what the sentence says
with

metrics as (

    select
        panel,
        kind,
        min(p_value) < any_value(level) as has_crossed,
        arg_max(p_value, date) < any_value(level) as is_below_at_the_end

    from figure

    group by panel, kind

)

select
    count(distinct panel) as metrics,
    count(*) filter (kind != 'always valid' and has_crossed) as peeking,
    count(*) filter (kind != 'always valid' and has_crossed and not is_below_at_the_end)
        as taken_back,
    count(*) filter (kind = 'always valid' and has_crossed) as always_valid
from metrics
