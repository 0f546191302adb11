{{ config(materialized='view') }}

-- one row per delivered conversion, with the reason why it is rejected, if it is
with

parents as (

    select
        event_id,
        accepted_at

    from {{ ref('stg_search__clicks') }}

),

numbered as (

    {{ numbered_deliveries(
        ref('raw_search__conversions'),
        ref('stg_search__duplicate_conversions'),
        [
            'event_type', 'timestamp', 'user_id', 'anonymous_id', 'session_id',
            'click_event_id', 'booking_value', 'commission', 'currency', 'product_type',
            'provider',
        ]
    ) }}

),

typed as (

    select
        event_id,
        {{ clean_category('event_type', ['conversion']) }} as event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        click_event_id,
        booking_value,
        commission,
        currency,
        {{ clean_category(
            'product_type', ['flight', 'hotel', 'car', 'package']
        ) }} as product_type,
        provider,
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
        typed.click_event_id,
        typed.booking_value,
        typed.commission,
        typed.currency,
        typed.product_type,
        typed.provider,
        case
            when typed.raw_fault is not null then typed.raw_fault
            when typed.event_id is null or typed.timestamp is null then 'missing_value'
            when typed.copy_number > 1 then 'exact_duplicate'
            when typed.delivery_number > 1 then 'conflicting_payload'
            when
                typed.event_type is null
                or typed.product_type is null
                or typed.booking_value < 0
                or typed.commission < 0
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
        -- a conversion is accepted once its click is as well
        greatest(typed.received_at, parents.accepted_at) as accepted_at

    from typed
    left join parents on typed.click_event_id = parents.event_id

)

select * from validated
