-- one row per card, of the 2,000 most viewed: its rank and its views
create or replace temp table figure as
with

cards as (

    select
        content_id,
        count(*) as views

    from staging.stg_feed__events

    where event_name = 'card_view'

    group by content_id

)

select
    content_id,
    row_number() over (order by views desc, content_id asc) as rank,
    views,
    cast(views as double) / nullif(sum(views) over (), 0) as share
from cards
order by rank
limit 2000;

-- one row: what the sentence says
select
    max(rank) as cards,
    max(share) as top_share,
    sum(share) filter (rank <= 10) as top_ten_share,
    arg_min(content_id, rank) as top_card
from figure
