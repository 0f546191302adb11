-- one row per step: sessions in which it happened
create or replace temp table figure as
with

totals as (

    select
        cast(coalesce(sum(session_count), 0) as bigint) as sessions,
        cast(coalesce(sum(session_with_view_count), 0) as bigint) as viewed,
        cast(coalesce(sum(session_with_scroll_count), 0) as bigint) as scrolled,
        cast(coalesce(sum(session_with_cart_count), 0) as bigint) as carted,
        cast(coalesce(sum(session_with_purchase_count), 0) as bigint) as purchased

    from marts.shop__funnel_daily

),

steps as (

    select
        unnest(range(5)) as step_number,
        unnest(
            ['session', 'viewed an item', 'scrolled', 'put one into the cart', 'bought']
        ) as step,
        unnest([sessions, viewed, scrolled, carted, purchased]) as amount

    from totals

)

select
    step_number,
    step,
    amount,
    cast(amount as double) / nullif(first_value(amount) over (order by step_number), 0)
        as share,
    cast(amount as double) / nullif(lag(amount) over (order by step_number), 0)
        as share_of_previous
from steps
order by step_number;

-- one row: what the sentence says
select
    max(amount) filter (step_number = 0) as sessions,
    max(share) filter (step_number = 3) as cart_share,
    max(share) filter (step_number = 4) as purchase_share
from figure
