-- one row per source and model of attribution: the revenue that it is credited with
create or replace temp table figure as
with

sources as (

    select
        coalesce(utm_source, '(none)') as source,
        replace(attribution_model, '_', ' ') as model,
        sum(revenue) as revenue

    from marts.search__attribution

    group by all

)

select
    source,
    model,
    revenue
from sources
order by
    sum(revenue) over (partition by source) desc,
    source,
    list_position(['first touch', 'last touch', 'linear', 'time decay'], model);

-- one row: what the sentence says
with

sources as (

    select
        source,
        sum(revenue) / 4 as mean_revenue,
        max(revenue) - min(revenue) as spread

    from figure

    group by source

)

select
    sum(mean_revenue) as revenue,
    arg_max(source, mean_revenue order by source) as largest,
    max(mean_revenue) / nullif(sum(mean_revenue), 0) as largest_share,
    arg_max(source, spread order by source) as most_disputed,
    max(spread) as spread
from sources
