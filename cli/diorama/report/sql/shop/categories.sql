-- one row per measure and category: its share of all views, purchases, revenue
create or replace temp table figure as
with

categories as (

    select
        category,
        sum(view_count) as views,
        sum(purchase_count) as purchases,
        sum(revenue_cents) as revenue

    from marts.shop__items_daily

    group by category

),

measures as (

    select
        category,
        unnest(['views', 'purchases', 'revenue']) as panel,
        unnest([views, purchases, revenue]) as amount

    from categories

)

select
    panel,
    category,
    cast(amount as double) / nullif(sum(amount) over (partition by panel), 0) as share
from measures
order by
    list_position(['views', 'purchases', 'revenue'], panel) asc,
    share desc,
    category asc;

-- one row: what the sentence says
select
    arg_max(category, share order by category) filter (panel = 'views') as most_viewed,
    max(share) filter (panel = 'views') as most_viewed_share,
    arg_max(category, share order by category) filter (panel = 'revenue')
        as most_earning,
    max(share) filter (panel = 'revenue') as most_earning_share
from figure
