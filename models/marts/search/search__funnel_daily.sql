-- one row per date, platform, device, country, source and campaign of sessions
with

sessions as (

    select * from {{ ref('search__sessions') }}

),

aggregated as (

    select
        session_date,
        platform,
        device_type,
        geo_country,
        utm_source,
        utm_campaign,
        count(*) as session_count,
        cast(sum(search_count) as bigint) as search_count,
        cast(sum(clicked_search_count) as bigint) as clicked_search_count,
        cast(sum(click_count) as bigint) as click_count,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(sum(booking_value) as decimal(18, 2)) as revenue,
        cast(sum(commission) as decimal(18, 2)) as commission,
        count(case when session_outcome = 'converted' then 1 end)
            as converted_session_count,
        count(case when session_outcome = 'engaged' then 1 end)
            as engaged_session_count,
        count(case when session_outcome = 'bounced' then 1 end)
            as bounced_session_count

    from sessions

    group by
        session_date, platform, device_type, geo_country, utm_source, utm_campaign

),

rated as (

    select
        session_date,
        platform,
        device_type,
        geo_country,
        utm_source,
        utm_campaign,
        session_count,
        search_count,
        clicked_search_count,
        click_count,
        conversion_count,
        revenue,
        commission,
        converted_session_count,
        engaged_session_count,
        bounced_session_count,
        {{ ratio('clicked_search_count', 'search_count') }} as search_click_rate,
        {{ ratio('click_count', 'search_count') }} as clicks_per_search,
        {{ ratio('conversion_count', 'click_count') }} as click_conversion_rate,
        {{ ratio('converted_session_count', 'session_count') }}
            as converted_session_rate,
        {{ ratio('revenue', 'conversion_count') }} as average_order_value

    from aggregated

)

select * from rated
