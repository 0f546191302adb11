{{ config(materialized='view') }}

-- one row per delivered click, with the reason why it is rejected, if it is
with

events as (

    select * from {{ ref('raw_search__clicks') }}

),

repeated as (

    select * from {{ ref('stg_search__repeated_clicks') }}

),

parents as (

    select
        event_id,
        accepted_at

    from {{ ref('stg_search__searches') }}

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
        events.search_event_id,
        events.result_id,
        events.result_position,
        events.result_type,
        events.result_price,
        events.result_provider,
        events.result_destination,
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
