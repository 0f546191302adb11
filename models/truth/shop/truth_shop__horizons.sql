{{ config(tags=['deep']) }}

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
        {%- for name, distance in [('last', 1), ('next', 0)] %}
        max(
            case when position = viewed_item_count - {{ distance }} then attempt_count end
        ) as {{ name }}_attempt_count,
        max(
            case when position = viewed_item_count - {{ distance }} then race_clock end
        ) as {{ name }}_race_clock{{ ',' if not loop.last }}
        {%- endfor %}

    from future_items

    group by first_event_id, future_number

)

select * from aggregated_to_future
