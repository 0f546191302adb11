-- one row per session
with

searches as (

    select * from {{ ref('int_search__sessions') }}

),

clicks as (

    select * from {{ ref('stg_search__clicks') }}

),

conversions as (

    select * from {{ ref('stg_search__conversions') }}

),

clicks_aggregated_to_session as (

    select
        session_id,
        count(*) as click_count,
        count(distinct search_event_id) as clicked_search_count,
        cast(sum(result_position) as bigint) as position_sum,
        max(timestamp) as last_clicked_at

    from clicks

    group by session_id

),

conversions_aggregated_to_session as (

    select
        session_id,
        count(*) as conversion_count,
        sum(booking_value) as booking_value,
        sum(commission) as commission,
        max(timestamp) as last_converted_at

    from conversions

    group by session_id

),

joined as (

    select
        searches.*,
        coalesce(clicks.click_count, 0) as click_count,
        coalesce(clicks.clicked_search_count, 0) as clicked_search_count,
        clicks.position_sum,
        coalesce(conversions.conversion_count, 0) as conversion_count,
        cast(coalesce(conversions.booking_value, 0) as decimal(12, 2)) as booking_value,
        cast(coalesce(conversions.commission, 0) as decimal(12, 2)) as commission,
        conversions.last_converted_at,
        greatest(
            searches.last_searched_at,
            coalesce(clicks.last_clicked_at, searches.last_searched_at),
            coalesce(conversions.last_converted_at, searches.last_searched_at)
        ) as ended_at

    from searches
    left join clicks_aggregated_to_session as clicks
        on searches.session_id = clicks.session_id
    left join conversions_aggregated_to_session as conversions
        on searches.session_id = conversions.session_id

),

described as (

    select
        session_id,
        user_id,
        anonymous_id,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        case
            when conversion_count > 0 then 'converted'
            when click_count > 0 then 'engaged'
            else 'bounced'
        end as session_outcome,
        search_count,
        unique_query_count,
        clicked_search_count,
        click_count,
        {{ ratio('position_sum', 'click_count') }} as average_click_position,
        conversion_count,
        booking_value,
        commission,
        cast(
            cast(
                {{ epoch_ms('ended_at') }} - {{ epoch_ms('started_at') }}
                as decimal(18, 3)
            ) / 1000
            as decimal(12, 3)
        ) as duration_seconds,
        {{ ratio('clicked_search_count', 'search_count') }} as session_ctr,
        {{ ratio('click_count', 'search_count') }} as clicks_per_search,
        {{ ratio('conversion_count', 'click_count') }} as session_conversion_rate,
        cast(started_at as date) as session_date,
        started_at,
        last_searched_at,
        last_converted_at,
        ended_at

    from joined

)

select * from described
