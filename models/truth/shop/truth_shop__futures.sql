{{ config(materialized=large_view_or_table(), tags=['monte_carlo']) }}

-- one row per session and future of it, in which the number of items is drawn anew.
-- One item more than is viewed is chosen, to know how long it took to come.
with

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

    where session_number > 1

),

calendar as (

    select * from {{ ref('gen_shop__calendar') }}

),

quantiles as (

    select * from {{ ref('gen_shop__item_count_quantiles') }}

),

repeated as (

    select
        first_event_id,
        session_key,
        user_number,
        day,
        session_number,
        persona_number,
        price_level,
        category_cut_0,
        category_cut_1,
        category_cut_2,
        category_cut_3,
        {{ unnest_range(0, setting('shop_futures')) }} as future_number

    from sessions

),

sown as (

    select
        *,
        {{ bits('session_key', 'shop.futures.future') }} as futures_key

    from repeated

),

keyed as (

    select
        *,
        {{ fold_in('futures_key', 'future_number') }} as future_key

    from sown

),

drawn as (

    select
        *,
        -- each future draws from its own part of 0 … 1, so that few of them suffice
        cast(
            floor(
                1000000000
                * (future_number + {{ uniform('future_key', 'shop.futures.items') }})
                / {{ setting('shop_futures') }}
            ) as bigint
        ) as item_draw_ppb

    from keyed

),

counted as (

    select
        drawn.first_event_id,
        drawn.future_number,
        drawn.future_key as session_key,
        drawn.user_number,
        drawn.day,
        drawn.session_number,
        drawn.price_level,
        least(greatest(quantiles.item_count, 1), calendar.available_item_count)
            as viewed_item_count,
        least(greatest(quantiles.item_count, 1) + 1, calendar.available_item_count)
            as item_count,
        drawn.category_cut_0,
        drawn.category_cut_1,
        drawn.category_cut_2,
        drawn.category_cut_3

    from drawn
    left join quantiles
        on
            drawn.persona_number = quantiles.persona_number
            and quantiles.bucket
            = {{ integer_quotient('drawn.item_draw_ppb', 1000000) }}
            and drawn.item_draw_ppb >= quantiles.lower_ppb
            and drawn.item_draw_ppb < quantiles.upper_ppb
    left join calendar on drawn.day = calendar.day

)

select * from counted
