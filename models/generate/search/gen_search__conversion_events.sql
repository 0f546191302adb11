{{ config(materialized=large_view_or_table()) }}

-- one row per logged conversion, before dirt
with

clicks as (

    select * from {{ ref('gen_search__logged_clicks') }}

    where is_converted

),

drawn as (

    select
        *,
        {{ delivery_delay_ms('click_key', 'search.conversion_events.delivery') }}
            as delay_ms

    from clicks

),

events as (

    select
        {{ uuid4('click_key', 'search.conversion_events.event_id') }} as event_id,
        click_key,
        'conversion' as event_type,
        user_id,
        anonymous_id,
        session_id,
        {{ click_event_id('click_key') }} as click_event_id,
        {{ from_cents('booking_value_cents') }} as booking_value,
        {{ from_cents('commission_cents') }} as commission,
        'CAD' as currency,
        result_type as product_type,
        result_provider as provider,
        {{ uniform('click_key', 'search.conversion_events.defect') }} as defect_draw,
        {{ timestamp_from_ms('converted_at_ms') }} as timestamp,
        {{ timestamp_from_ms('converted_at_ms + delay_ms') }} as received_at

    from drawn

)

select * from events
