-- one row per segment of known users
create or replace temp table figure as
select
    replace(segment, '_', ' ') as segment,
    count(*) as amount,
    cast(count(*) as double) / nullif(sum(count(*)) over (), 0) as share,
    cast(sum(revenue) as double) / nullif(sum(sum(revenue)) over (), 0) as revenue_share
from marts.search__user_segments
group by segment
order by amount desc, segment asc;

-- one row: what the sentence says
select
    cast(sum(amount) as bigint) as users,
    arg_max(segment, amount order by segment) as largest,
    max(share) as largest_share,
    coalesce(max(share) filter (segment = 'high value'), 0) as high_value_share,
    max(revenue_share) filter (segment = 'high value') as high_value_revenue_share
from figure
