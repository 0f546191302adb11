-- one row: where each category begins in the catalogue, and how long events last
with

items as (

    select * from {{ ref('gen_shop__items') }}

),

event_types as (

    select * from {{ ref('shop_event_types') }}

),

catalogue as (

    select
        {%- for number in [0, 1, 2, 3] %}
            coalesce(
                min(case when category_number = {{ number }} then item_number end), 0
            ) as first_item_{{ number }},
            count(case when category_number = {{ number }} then 1 end)
                as item_count_{{ number }},
        {%- endfor %}
        coalesce(
            min(case when category_number = 4 then item_number end), 0
        ) as first_item_4,
        count(case when category_number = 4 then 1 end) as item_count_4

    from items

),

durations as (

    select
        max(case when event_type = 'view' then shortest_tenths end) as view_from,
        max(case when event_type = 'view' then longest_tenths end) as view_to,
        max(case when event_type = 'scroll' then shortest_tenths end) as scroll_from,
        max(case when event_type = 'scroll' then longest_tenths end) as scroll_to,
        max(case when event_type = 'add_to_cart' then shortest_tenths end) as cart_from,
        max(case when event_type = 'add_to_cart' then longest_tenths end) as cart_to,
        max(case when event_type = 'remove_from_cart' then shortest_tenths end)
            as remove_from,
        max(case when event_type = 'remove_from_cart' then longest_tenths end)
            as remove_to,
        max(case when event_type = 'purchase' then shortest_tenths end)
            as purchase_from,
        max(case when event_type = 'purchase' then longest_tenths end) as purchase_to

    from event_types

)

select
    catalogue.*,
    durations.*

from catalogue
cross join durations
