{{ config(tags=['monte_carlo']) }}

-- one row per training example and later session: how probable it is that the item is
-- viewed there again, and put into the cart
with

examples as (

    select * from {{ ref('truth_shop__examples') }}

),

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

users as (

    select * from {{ ref('gen_shop__users') }}

),

weights as (

    select * from {{ ref('gen_shop__item_weights') }}

),

horizons as (

    select * from {{ ref('truth_shop__horizons') }}

),

future_views as (

    select
        first_event_id,
        future_number,
        item_number

    from {{ ref('truth_shop__future_items') }}

    where position < viewed_item_count

),

later as (

    select
        examples.session_id,
        examples.item_id,
        examples.item_number,
        examples.user_number,
        examples.scroll_probability,
        examples.cart_probability,
        sessions.session_number - examples.session_number as lag,
        sessions.first_event_id,
        sessions.day,
        sessions.price_level,
        sessions.liking

    from examples
    inner join sessions
        on
            examples.user_number = sessions.user_number
            and examples.session_number < sessions.session_number
            and examples.session_number + 3 >= sessions.session_number

),

-- how much the user likes the item, and how probable it is in one attempt
liked as (

    select
        later.*,
        weights.weight * {{ shop_affinity('weights.category_number', 'users') }}
            as item_liking

    from later
    inner join users on later.user_number = users.user_number
    inner join weights
        on
            later.day = weights.day
            and later.price_level = weights.price_level
            and later.item_number = weights.item_number

),

-- whether an item comes in time does not depend on when the others come, so its
-- probability needs only the time until the last of the others; see docs/worlds/shop.md
met as (

    select
        liked.*,
        horizons.viewed_item_count,
        case
            when future_views.item_number is null then horizons.last_attempt_count
            else horizons.next_attempt_count
        end as attempt_count,
        case
            when future_views.item_number is null then horizons.last_race_clock
            else horizons.next_race_clock
        end as race_clock

    from liked
    inner join horizons on liked.first_event_id = horizons.first_event_id
    left join future_views
        on
            horizons.first_event_id = future_views.first_event_id
            and horizons.future_number = future_views.future_number
            and liked.item_number = future_views.item_number

),

tried as (

    select
        session_id,
        item_id,
        lag,
        day,
        -- where there is no further item, all are viewed
        coalesce(
            1 - exp(
                -attempt_count * ln(1 + item_liking / liking)
                - item_liking * race_clock
            ), 1e0
        ) as view_probability,
        cart_probability * (
            scroll_probability
            + power(1 - scroll_probability, cast(viewed_item_count as double))
        ) as cart_probability

    from met

),

aggregated_to_lag as (

    select
        session_id,
        item_id,
        lag,
        max(day) as day,
        cast(
            sum(cast(floor(1000000000 * view_probability) as bigint)) as bigint
        ) as view_sum_ppb,
        cast(
            sum(cast(floor(1000000000 * view_probability * cart_probability) as bigint))
            as bigint
        ) as cart_sum_ppb

    from tried

    group by session_id, item_id, lag

)

select
    session_id,
    item_id,
    lag,
    day,
    cast(view_sum_ppb as double) / {{ 1000000000 * setting('shop_futures') }}
        as view_probability,
    cast(cart_sum_ppb as double) / {{ 1000000000 * setting('shop_futures') }}
        as cart_probability

from aggregated_to_lag
