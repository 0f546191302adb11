-- one row: how large the world is
create or replace temp table figure as
with

users as (

    select count(*) as users

    from staging.stg_shop__users

)
,
items as (

    select count(*) as items

    from staging.stg_shop__items

)
,
sessions as (

    select
        count(*) as sessions,
        count(distinct user_id) as active_users,
        cast(coalesce(sum(purchase_count), 0) as bigint) as purchases,
        cast(sum(revenue_cents) as double) / 100 as revenue_usd,
        min(session_date) as first_day,
        max(session_date) as last_day

    from marts.shop__sessions

)

select
    users.users,
    items.items,
    sessions.*
from users
cross join items
cross join sessions;

-- one row: what the sentence says
select
    active_users,
    cast(sessions as double) / nullif(active_users, 0) as sessions_per_user,
    purchases,
    revenue_usd / nullif(purchases, 0) as average_price
from figure
