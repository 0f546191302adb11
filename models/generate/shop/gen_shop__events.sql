{{ config(materialized=large_view_or_table()) }}

-- one row per event of the assigned variant, before dirt
with

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

visits as (

    select * from {{ ref('gen_shop__visits') }}

),

checkouts as (

    select * from {{ ref('gen_shop__checkouts') }}

),

items as (

    select
        item_number,
        item_id

    from {{ ref('gen_shop__items') }}

),

-- an item is viewed (0), and may be scrolled (1) and put into the cart (2)
expanded_to_happenings as (

    select
        *,
        {{ unnest_list(
            'case'
            ~ ' when scroll_tenths > 0 and cart_tenths > 0 then ' ~ list_of(['0', '1', '2'])
            ~ ' when scroll_tenths > 0 then ' ~ list_of(['0', '1'])
            ~ ' when cart_tenths > 0 then ' ~ list_of(['0', '2'])
            ~ ' else ' ~ list_of(['0'])
            ~ ' end'
        ) }} as happening

    from visits

),

keyed as (

    select
        *,
        4 * position + happening as event_number,
        {{ fold_in('session_key', '4 * position + happening') }} as event_key

    from expanded_to_happenings

),

located as (

    select
        first_event_id + event_number as event_id,
        event_key,
        user_id,
        session_id,
        case happening
            when 0 then 'view'
            when 1 then 'scroll'
            else 'add_to_cart'
        end as event_type,
        item_number,
        case happening
            when 0 then view_tenths
            when 1 then scroll_tenths
            else cart_tenths
        end as duration_tenths,
        started_at_ms + 100 * (offset_tenths + case happening
            when 0 then 0
            when 1 then view_tenths
            else view_tenths + scroll_tenths
        end) as event_ms

    from keyed

    union all

    select
        checkouts.first_event_id + checkouts.event_number as event_id,
        {{ fold_in('sessions.session_key', 'checkouts.event_number') }} as event_key,
        sessions.user_id,
        sessions.session_id,
        checkouts.event_type,
        checkouts.item_number,
        checkouts.duration_tenths,
        sessions.started_at_ms + checkouts.offset_ms as event_ms

    from checkouts
    inner join sessions on checkouts.first_event_id = sessions.first_event_id

),

drawn as (

    select
        *,
        {{ delivery_delay_ms('event_key', 'shop.events.delivery') }} as delay_ms,
        {{ uniform('event_key', 'shop.events.defect') }} as defect_draw

    from located

),

events as (

    select
        drawn.event_id,
        drawn.event_key,
        drawn.user_id,
        drawn.session_id,
        drawn.event_type,
        items.item_id,
        cast(drawn.duration_tenths * 0.1 as decimal(6, 1)) as duration_seconds,
        drawn.defect_draw,
        {{ timestamp_from_ms('drawn.event_ms') }} as timestamp,
        {{ timestamp_from_ms('drawn.event_ms + drawn.delay_ms') }} as received_at

    from drawn
    inner join items on drawn.item_number = items.item_number

)

select * from events
