-- one row per session and item that its user buys in one of the next three sessions
with

events as (

    select
        session_id,
        item_id

    from {{ ref('stg_shop__events') }}

    where event_type = 'purchase'

),

sessions as (

    select * from {{ ref('int_shop__sessions') }}

),

purchases as (

    select
        sessions.user_id,
        sessions.session_number,
        events.item_id

    from events
    inner join sessions on events.session_id = sessions.session_id

),

lags as (

    select
        purchases.user_id,
        purchases.item_id,
        purchases.session_number - lags.lag as session_number

    from purchases
    cross join {{ series(1, 4, 'lag') }} as lags

),

labels as (

    select distinct
        sessions.session_id,
        lags.item_id

    from lags
    inner join sessions
        on
            lags.user_id = sessions.user_id
            and lags.session_number = sessions.session_number

)

select * from labels
