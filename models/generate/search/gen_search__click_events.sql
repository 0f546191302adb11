{{ config(materialized=large_view_or_table()) }}

-- one row per logged click, before dirt
with

clicks as (

    select * from {{ ref('gen_search__logged_clicks') }}

),

drawn as (

    select
        *,
        {{ delivery_delay_ms('click_key', 'search.click_events.delivery') }} as delay_ms

    from clicks

),

events as (

    select
        {{ click_event_id('click_key') }} as event_id,
        click_key,
        'click' as event_type,
        user_id,
        anonymous_id,
        session_id,
        {{ search_event_id('search_key') }} as search_event_id,
        result_id,
        cast(result_position as integer) as result_position,
        result_type,
        {{ from_cents('price_cents') }} as result_price,
        result_provider,
        result_destination,
        {{ uniform('click_key', 'search.click_events.defect') }} as defect_draw,
        {{ timestamp_from_ms('clicked_at_ms') }} as timestamp,
        {{ timestamp_from_ms('clicked_at_ms + delay_ms') }} as received_at

    from drawn

)

select * from events
