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

expanded_to_items as (

    select
        futures.first_event_id,
        futures.future_number,
        futures.viewed_item_count,
        chosen.item_numbers,
        chosen.attempt_counts,
        chosen.race_clocks,
        {{ unnest_range(0, 'futures.item_count') }} as position

    from chosen
    inner join futures on chosen.session_key = futures.session_key

),

future_items as (

    select
        first_event_id,
        future_number,
        {{ list_item('item_numbers', 'position + 1') }} as item_number,
        viewed_item_count,
        position,
        {{ list_item('attempt_counts', 'position + 1') }} as attempt_count,
        {{ list_item('race_clocks', 'position + 1') }} as race_clock

    from expanded_to_items

)

select * from future_items
