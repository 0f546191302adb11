-- one row per carted item and variant that is bought in one of the next three sessions
with

outcomes as (

    select * from {{ ref('gen_shop__cart_outcomes') }}

),

carts as (

    select * from {{ ref('gen_shop__carts') }}

),

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

shape as (

    select * from {{ ref('gen_shop__catalogue_ranges') }}

),

-- an item that goes into the cart again takes the place of the earlier one
followed as (

    select
        first_event_id,
        position,
        lead(session_number) over (
            partition by user_number, item_number order by session_number
        ) as next_cart_session_number

    from carts

),

wanted as (

    select outcomes.*

    from outcomes
    inner join followed
        on
            outcomes.first_event_id = followed.first_event_id
            and outcomes.position = followed.position

    where
        outcomes.outcome = 'left'
        and outcomes.return_lag is not null
        and (
            followed.next_cart_session_number is null
            or outcomes.session_number + outcomes.return_lag
            < followed.next_cart_session_number
        )

),

met as (

    select
        sessions.first_event_id,
        wanted.variant,
        wanted.is_assigned,
        wanted.first_event_id as cart_first_event_id,
        wanted.position,
        wanted.return_lag,
        wanted.item_number,
        wanted.return_tenths,
        -- purchases from earlier carts come last, so that their time lies in the pause
        -- that is kept after each session
        cast(
            row_number() over (
                partition by sessions.first_event_id, wanted.variant
                order by wanted.return_lag, wanted.position
            ) as bigint
        ) as return_number,
        {{ integer_quotient(
            setting('shop_session_gap_minutes') * 600, 'shape.purchase_to'
        ) }} as most_returns

    from wanted
    inner join sessions
        on
            wanted.user_number = sessions.user_number
            and wanted.session_number + wanted.return_lag = sessions.session_number
    cross join shape

),

returns as (

    select
        first_event_id,
        variant,
        is_assigned,
        cart_first_event_id,
        position,
        return_lag,
        return_number,
        item_number,
        return_tenths

    from met

    where return_number <= most_returns

)

select * from returns
