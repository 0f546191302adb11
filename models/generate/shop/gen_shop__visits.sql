{{ config(materialized=large_view_or_table()) }}

-- one row per session and item viewed in it, with what is needed of the session
with

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

choices as (

    select * from {{ ref('gen_shop__choices') }}

),

shape as (

    select * from {{ ref('gen_shop__catalogue_ranges') }}

),

expanded_to_items as (

    select
        sessions.first_event_id,
        sessions.session_key,
        sessions.user_id,
        sessions.session_id,
        sessions.scroll_count,
        sessions.scroll_probability,
        sessions.cart_probability,
        shape.view_from,
        shape.view_to,
        shape.scroll_from,
        shape.scroll_to,
        shape.cart_from,
        shape.cart_to,
        shape.purchase_from,
        shape.purchase_to,
        choices.item_numbers,
        choices.offsets_tenths,
        sessions.started_at_ms,
        {{ unnest_range(0, 'sessions.item_count') }} as position

    from sessions
    inner join choices on sessions.session_key = choices.session_key
    cross join shape

),

visited as (

    {{ shop_visits('expanded_to_items') | indent(4) }}

),

visits as (

    select
        first_event_id,
        session_key,
        user_id,
        session_id,
        position,
        {{ list_item('item_numbers', 'position + 1') }} as item_number,
        view_tenths,
        scroll_tenths,
        {{ shop_cart_tenths() }} as cart_tenths,
        purchase_tenths,
        {{ list_item('offsets_tenths', 'position + 1') }} as offset_tenths,
        started_at_ms

    from visited

)

select * from visits
