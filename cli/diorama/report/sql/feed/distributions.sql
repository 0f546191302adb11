-- one row per quantity, kind and bin, from low (inclusive) to high; the last bin has
-- all above
create or replace temp table figure as
with

users as (

    select
        user_id,
        sum(session_count) as session_count

    from marts.feed__user_daily

    group by user_id

),

views as (

    select
        'Card views per session' as panel,
        segment as kind,
        least(card_view_count, 25) as low,
        1 as width

    from marts.feed__user_daily

    where is_active_day

),

lengths as (

    select
        'Session length, minutes' as panel,
        'all' as kind,
        least(cast(floor(duration_seconds / 60) as bigint), 40) as low,
        1 as width

    from marts.feed__sessions

),

sessions as (

    select
        'Sessions per user' as panel,
        'all' as kind,
        least(session_count, 100) as low,
        1 as width

    from users

),

quantities as (

    select * from views

    union all

    select * from lengths

    union all

    select * from sessions

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
            'Card views per session',
            'Session length, minutes',
            'Sessions per user'
        ],
        panel
    ),
    kind,
    low;

-- one row: what the sentence says
select
    avg(card_view_count) as views_mean,
    quantile_disc(card_view_count, 0.5) as views_median,
    quantile_disc(card_view_count, 0.99) as views_99,
    cast(quantile_disc(duration_seconds, 0.5) as double) / 60 as minutes_median
from marts.feed__sessions
