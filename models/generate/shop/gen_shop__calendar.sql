-- one row per day of the window: how many sessions it has, and how many items there are
with

weekdays as (

    select * from {{ ref('shop_weekdays') }}

),

items as (

    select * from {{ ref('gen_shop__items') }}

),

days as (

    select
        day,
        {{ add_days("date '" ~ world_start_date('shop') ~ "'", 'day') }} as date_of_day,
        {{ epoch_ms_literal(world_start_date('shop')) }} + 86400000 * day as day_ms

    from {{ series(0, setting('shop_days'), 'day') }} as days

),

weights_averaged as (

    select avg(weight) as mean_weight

    from weekdays

),

created as (

    select
        days.day,
        count(items.item_number) as available_item_count

    from days
    left join items on days.day_ms > items.created_at_ms

    group by days.day

),

described as (

    select
        days.day,
        created.available_item_count,
        -- the wave is highest on 15 December, day 349 of the year
        floor(
            1000000000 * weekdays.weight / weights_averaged.mean_weight
            * (1 + {{ shop_setting('shop_seasonal_amplitude') }} * cos(
                6.283185307179586
                * (extract(doy from days.date_of_day) - 349) / 365.25
            ))
        ) / 1000000000 as rate_factor,
        days.day_ms,
        days.date_of_day

    from days
    inner join weekdays on weekdays.weekday = {{ day_of_week('days.date_of_day') }}
    inner join created on days.day = created.day
    cross join weights_averaged

)

select * from described
