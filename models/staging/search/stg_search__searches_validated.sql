{{ config(materialized='view') }}

-- one row per delivered search, with the reason why it is rejected, if it is
with

events as (

    select * from {{ ref('raw_search__searches') }}

),

repeated as (

    select * from {{ ref('stg_search__repeated_searches') }}

),

repeated_ids as (

    select distinct event_id from repeated

),

unrepeated as (

    select
        events.event_id,
        events.event_type,
        events.timestamp,
        events.user_id,
        events.anonymous_id,
        events.session_id,
        events.query,
        events.results_count,
        events.page,
        events.platform,
        events.device_type,
        events.geo_country,
        events.geo_city,
        events.utm_source,
        events.utm_medium,
        events.utm_campaign,
        events.filters,
        events.received_at,
        1 as delivery_number,
        1 as copy_number

    from events
    left join repeated_ids on events.event_id = repeated_ids.event_id

    where repeated_ids.event_id is null

),

numbered as (

    select * from unrepeated

    union all

    select * from repeated

),

typed as (

    select
        event_id,
        {{ clean_category('event_type', ['search']) }} as event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        query,
        results_count,
        page,
        {{ clean_category('platform', ['web', 'ios', 'android']) }} as platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        filters,
        delivery_number,
        copy_number,
        received_at

    from numbered

),

validated as (

    select
        typed.event_id,
        typed.event_type,
        typed.timestamp,
        typed.user_id,
        typed.anonymous_id,
        typed.session_id,
        typed.query,
        typed.results_count,
        typed.page,
        typed.platform,
        typed.device_type,
        typed.geo_country,
        typed.geo_city,
        typed.utm_source,
        typed.utm_medium,
        typed.utm_campaign,
        typed.filters,
        case
            when typed.copy_number > 1 then 'exact_duplicate'
            when typed.delivery_number > 1 then 'conflicting_payload'
            when
                typed.event_type is null
                or typed.platform is null
                or typed.results_count < 0
                then 'impossible_value'
            when
                typed.timestamp < {{ timestamp_literal(world_start_date('search')) }}
                then 'before_start'
            when
                typed.timestamp
                >= {{ timestamp_literal(last_session_end_date('search')) }}
                then 'after_end'
        end as reject_reason,
        typed.received_at,
        typed.received_at as accepted_at

    from typed

)

select * from validated
