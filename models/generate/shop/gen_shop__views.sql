{{ config(materialized=large_view_or_table()) }}

-- one row per session and item viewed in it
with

visits as (

    select * from {{ ref('gen_shop__visits') }}

)

select
    first_event_id,
    position,
    item_number,
    view_tenths,
    scroll_tenths,
    cart_tenths,
    case when cart_tenths > 0 then purchase_tenths else 0 end as purchase_tenths,
    offset_tenths

from visits
