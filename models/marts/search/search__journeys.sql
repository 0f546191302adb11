-- one row per search, click of it and conversion of that; nulls where nothing followed
with

searches as (

    select * from {{ ref('stg_search__searches') }}

),

clicks as (

    select * from {{ ref('stg_search__clicks') }}

),

conversions as (

    select * from {{ ref('stg_search__conversions') }}

),

joined as (

    select
        searches.event_id as search_event_id,
        clicks.event_id as click_event_id,
        conversions.event_id as conversion_event_id,
        searches.session_id,
        searches.user_id,
        searches.anonymous_id,
        searches.query,
        searches.platform,
        searches.device_type,
        searches.geo_country,
        searches.utm_source,
        searches.utm_campaign,
        clicks.result_id,
        clicks.result_type,
        clicks.result_provider,
        clicks.result_destination,
        clicks.result_position,
        clicks.result_price,
        conversions.booking_value,
        conversions.commission,
        {{ epoch_ms('clicks.timestamp') }} - {{ epoch_ms('searches.timestamp') }}
            as click_delay_ms,
        {{ epoch_ms('conversions.timestamp') }} - {{ epoch_ms('clicks.timestamp') }}
            as conversion_delay_ms,
        searches.timestamp as searched_at,
        clicks.timestamp as clicked_at,
        conversions.timestamp as converted_at

    from searches
    left join clicks on searches.event_id = clicks.search_event_id
    left join conversions on clicks.event_id = conversions.click_event_id

),

timed as (

    select
        search_event_id,
        click_event_id,
        conversion_event_id,
        session_id,
        user_id,
        anonymous_id,
        query,
        platform,
        device_type,
        geo_country,
        utm_source,
        utm_campaign,
        result_id,
        result_type,
        result_provider,
        result_destination,
        result_position,
        result_price,
        booking_value,
        commission,
        cast(cast(click_delay_ms as decimal(18, 3)) / 1000 as decimal(12, 3))
            as seconds_to_click,
        cast(cast(conversion_delay_ms as decimal(18, 3)) / 1000 as decimal(12, 3))
            as seconds_from_click_to_conversion,
        cast(
            cast(click_delay_ms + conversion_delay_ms as decimal(18, 3)) / 1000
            as decimal(12, 3)
        ) as seconds_to_conversion,
        searched_at,
        clicked_at,
        converted_at

    from joined

)

select * from timed
