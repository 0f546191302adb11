-- one row per quantity, kind and bin, from low (inclusive) to high; the last bin has
-- all above
create or replace temp table figure as
with

items as (

    select
        'Items viewed per session' as panel,
        'all' as kind,
        least(view_count, 30) as low,
        1 as width

    from marts.shop__sessions

),

lengths as (

    select
        'Session length, minutes' as panel,
        'all' as kind,
        least(cast(floor(duration_seconds / 60) as bigint), 30) as low,
        1 as width

    from marts.shop__sessions

),

prices as (

    select
        'Price in the catalogue, US dollars' as panel,
        'all' as kind,
        least(cast(floor(current_price / 25) as bigint) * 25, 1000) as low,
        25 as width

    from staging.stg_shop__items

),

quantities as (

    select * from items

    union all

    select * from lengths

    union all

    select * from prices

)

select
    panel,
    kind,
    low,
    low + any_value(width) as high,
    count(*) as amount,
    cast(count(*) as double)
    / nullif(sum(count(*)) over (partition by panel, kind), 0) as share
from quantities
group by panel, kind, low
order by
    list_position(
        [
            'Items viewed per session',
            'Session length, minutes',
            'Price in the catalogue, US dollars'
        ],
        panel
    ),
    kind,
    low;

-- one row: what the sentence says
select
    avg(view_count) as views_mean,
    quantile_disc(view_count, 0.5) as views_median,
    cast(quantile_disc(duration_seconds, 0.5) as double) / 60 as minutes_median,
    cast(count(*) filter (has_purchase) as double)
    / nullif(count(*), 0) as purchase_share
from marts.shop__sessions
