{{ config(materialized=large_view_or_table()) }}

-- one row per event of the assigned variant, before dirt
with

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

items as (

    select
        item_number,
        item_id

    from {{ ref('gen_shop__items') }}

),

happenings as (

    select
        first_event_id,
        4 * position as event_number,
        'view' as event_type,
        item_number,
        view_tenths as duration_tenths,
        100 * offset_tenths as offset_ms

    from {{ ref('gen_shop__views') }}

    union all

    select
        first_event_id,
        4 * position + 1 as event_number,
        'scroll' as event_type,
        item_number,
        scroll_tenths as duration_tenths,
        100 * (offset_tenths + view_tenths) as offset_ms

    from {{ ref('gen_shop__views') }}

    where scroll_tenths > 0

    union all

    select
        first_event_id,
        4 * position + 2 as event_number,
        'add_to_cart' as event_type,
        item_number,
        cart_tenths as duration_tenths,
        100 * (offset_tenths + view_tenths + scroll_tenths) as offset_ms

    from {{ ref('gen_shop__views') }}

    where cart_tenths > 0

    union all

    select
        first_event_id,
        event_number,
        event_type,
        item_number,
        duration_tenths,
        offset_ms

    from {{ ref('gen_shop__checkouts') }}

),

located as (

    select
        happenings.first_event_id + happenings.event_number as event_id,
        sessions.user_id,
        sessions.session_id,
        happenings.event_type,
        happenings.item_number,
        happenings.duration_tenths,
        sessions.started_at_ms + happenings.offset_ms as event_ms,
        {{ fold_in('sessions.session_key', 'happenings.event_number') }} as event_key

    from happenings
    inner join sessions on happenings.first_event_id = sessions.first_event_id

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
