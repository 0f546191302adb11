{{ config(materialized='view') }}

-- one row per delivered search, with the reason why it is rejected, if it is
with

numbered as (

    {{ numbered_deliveries(
        ref('raw_search__searches'),
        ref('stg_search__duplicate_searches'),
        [
            'event_type', 'timestamp', 'user_id', 'anonymous_id', 'session_id', 'query',
            'results_count', 'page', 'platform', 'device_type', 'geo_country',
            'geo_city', 'utm_source', 'utm_medium', 'utm_campaign', 'filters',
        ]
    ) }}

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
        raw_fault,
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
            when typed.raw_fault is not null then typed.raw_fault
            when typed.event_id is null or typed.timestamp is null then 'missing_value'
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
