-- one row per quantity, kind and bin, from low (inclusive) to high; the last bin has
-- all above
create or replace temp table figure as
with

positions as (

    select
        'Position of a click' as panel,
        'all' as kind,
        result_position as low,
        1 as width

    from marts.search__journeys

    where click_event_id is not null

),

waits as (

    select
        'Seconds from search to click' as panel,
        'all' as kind,
        least(cast(floor(seconds_to_click / 5) as bigint) * 5, 180) as low,
        5 as width

    from marts.search__journeys

    where click_event_id is not null

),

bookings as (

    select
        'Booking value, Canadian dollars' as panel,
        'all' as kind,
        least(cast(floor(booking_value / 100) as bigint) * 100, 3200) as low,
        100 as width

    from marts.search__journeys

    where conversion_event_id is not null

),

quantities as (

    select * from positions

    union all

    select * from waits

    union all

    select * from bookings

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
            'Position of a click',
            'Seconds from search to click',
            'Booking value, Canadian dollars'
        ],
        panel
    ),
    kind,
    low;

-- one row: what the sentence says
select
    cast(count(*) filter (result_position = 1) as double)
    / nullif(count(click_event_id), 0) as first_share,
    cast(quantile_disc(seconds_to_click, 0.5) as double) as seconds_median,
    cast(quantile_disc(booking_value, 0.5) as double) as booking_median,
    cast(avg(booking_value) as double) as booking_mean
from marts.search__journeys
