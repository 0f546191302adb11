{{ config(tags=['shop']) }}

-- one row per event before the user's registration or the item's creation, or outside
-- the window
with

events as (

    select * from {{ ref('stg_shop__events') }}

),

users as (

    select * from {{ ref('stg_shop__users') }}

),

items as (

    select * from {{ ref('stg_shop__items') }}

),

compared as (

    select
        events.event_id,
        events.timestamp,
        users.registration_date,
        items.created_at

    from events
    left join users on events.user_id = users.user_id
    left join items on events.item_id = items.item_id

)

select * from compared

where
    registration_date is null
    or created_at is null
    or timestamp < registration_date
    or timestamp < created_at
    or timestamp < {{ timestamp_literal(world_start_date('shop')) }}
    or timestamp >= {{ timestamp_literal(world_end_date('shop')) }}
