{{ config(materialized='view') }}

-- one row per delivered event, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('stg_shop__users') }}

),

items as (

    select item_id from {{ ref('stg_shop__items') }}

),

numbered as (

    {{ numbered_deliveries(
        ref('raw_shop__events'),
        ref('stg_shop__duplicate_events'),
        [
            'user_id', 'session_id', 'timestamp', 'event_type', 'item_id',
            'duration_seconds',
        ]
    ) }}

),

typed as (

    select
        event_id,
        user_id,
        session_id,
        {{ clean_category('event_type', [
            'view', 'scroll', 'add_to_cart', 'remove_from_cart', 'purchase'
        ]) }} as event_type,
        item_id,
        duration_seconds,
        delivery_number,
        copy_number,
        raw_fault,
        timestamp,
        received_at

    from numbered

),

validated as (

    select
        typed.event_id,
        typed.user_id,
        typed.session_id,
        typed.event_type,
        typed.item_id,
        case
            when typed.raw_fault is not null then typed.raw_fault
            when typed.event_id is null or typed.timestamp is null then 'missing_value'
            when typed.copy_number > 1 then 'exact_duplicate'
            when typed.delivery_number > 1 then 'conflicting_payload'
            when
                typed.event_type is null
                or typed.item_id is null
                or typed.item_id like 'item_-%'
                or typed.duration_seconds <= 0
                then 'impossible_value'
            when users.user_id is null then 'unknown_user'
            when items.item_id is null then 'unknown_item'
            when typed.timestamp < users.registration_date then 'before_signup'
            when typed.timestamp >= {{ timestamp_literal(world_end_date('shop')) }}
                then 'after_end'
        end as reject_reason,
        typed.duration_seconds,
        typed.timestamp,
        typed.received_at,
        -- an event is accepted once its user is known as well
        greatest(typed.received_at, users.received_at) as accepted_at

    from typed
    left join users on typed.user_id = users.user_id
    left join items on typed.item_id = items.item_id

)

select * from validated
