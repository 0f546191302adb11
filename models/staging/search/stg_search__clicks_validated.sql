{{ config(materialized='view') }}

-- one row per delivered click, with the reason why it is rejected, if it is
with

parents as (

    select
        event_id,
        accepted_at

    from {{ ref('stg_search__searches') }}

),

numbered as (

    {{ numbered_deliveries(
        ref('raw_search__clicks'),
        ref('stg_search__duplicate_clicks'),
        [
            'event_type', 'timestamp', 'user_id', 'anonymous_id', 'session_id',
            'search_event_id', 'result_id', 'result_position', 'result_type',
            'result_price', 'result_provider', 'result_destination',
        ]
    ) }}

),

typed as (

    select
        event_id,
        {{ clean_category('event_type', ['click']) }} as event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        search_event_id,
        result_id,
        result_position,
        {{ clean_category(
            'result_type', ['flight', 'hotel', 'car', 'package']
        ) }} as result_type,
        result_price,
        result_provider,
        result_destination,
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
        typed.search_event_id,
        typed.result_id,
        typed.result_position,
        typed.result_type,
        typed.result_price,
        typed.result_provider,
        typed.result_destination,
        case
            when typed.raw_fault is not null then typed.raw_fault
            when typed.event_id is null or typed.timestamp is null then 'missing_value'
            when typed.copy_number > 1 then 'exact_duplicate'
            when typed.delivery_number > 1 then 'conflicting_payload'
            when
                typed.event_type is null
                or typed.result_type is null
                or typed.result_position < 1
                or typed.result_price < 0
                then 'impossible_value'
            when
                typed.timestamp < {{ timestamp_literal(world_start_date('search')) }}
                then 'before_start'
            when
                typed.timestamp
                >= {{ timestamp_literal(last_session_end_date('search')) }}
                then 'after_end'
            when parents.event_id is null then 'unknown_parent'
        end as reject_reason,
        typed.received_at,
        -- a click is accepted once its search is as well
        greatest(typed.received_at, parents.accepted_at) as accepted_at

    from typed
    left join parents on typed.search_event_id = parents.event_id

)

select * from validated
