{{ config(tags=['monte_carlo']) }}

-- one row per session, future and item that comes up in it: those viewed, and the next
with

futures as (

    select * from {{ ref('truth_shop__futures') }}

),

choosing as (

    select * from {{ ref('truth_shop__futures') }}

),

chosen as (

    {{ shop_choices('choosing') | indent(4) }}

),

future_items as (

    select
        futures.first_event_id,
        futures.future_number,
        chosen.item_number,
        futures.viewed_item_count,
        chosen.position,
        chosen.attempt_count,
        chosen.race_clock

    from chosen
    inner join futures on chosen.session_key = futures.session_key

)

select * from future_items
