-- one row per logged click of the assigned variant
with

clicks as (

    select * from {{ ref('gen_search__clicks') }}

    where is_assigned and is_logged

)

select
    search_key,
    click_key,
    session_id,
    user_id,
    anonymous_id,
    result_position,
    result_id,
    result_type,
    price_cents,
    result_provider,
    result_destination,
    booking_value_cents,
    commission_cents,
    is_converted,
    clicked_at_ms,
    converted_at_ms

from clicks
