{{ config(tags=['monte_carlo']) }}

-- one row per session and future of it: how long it took until the last viewed item
-- came, and until the one after it
with

future_items as (

    select * from {{ ref('truth_shop__future_items') }}

),

aggregated_to_future as (

    select
        first_event_id,
        future_number,
        max(viewed_item_count) as viewed_item_count,
        max(
            case when position = viewed_item_count - 1 then attempt_count end
        ) as last_attempt_count,
        max(case when position = viewed_item_count - 1 then race_clock end)
            as last_race_clock,
        max(case when position = viewed_item_count then attempt_count end)
            as next_attempt_count,
        max(case when position = viewed_item_count then race_clock end)
            as next_race_clock

    from future_items

    group by first_event_id, future_number

)

select * from aggregated_to_future
