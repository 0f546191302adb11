{{ config(materialized='view') }}

-- one row per delivered event, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('stg_feed__users') }}

),

numbered as (

    {{ numbered_deliveries(
        ref('raw_feed__events'),
        ref('stg_feed__duplicate_events'),
        [
            'user_id', 'event_time', 'event_name', 'session_id', 'feature_flag',
            'content_id',
        ]
    ) }}

),

typed as (

    select
        event_id,
        user_id,
        session_id,
        {{ clean_category(
            'event_name', ['session_start', 'card_view', 'session_end']
        ) }} as event_name,
        {{ clean_category('feature_flag', ['control', 'SmartFeed_v2']) }}
            as feature_flag,
        content_id,
        delivery_number,
        copy_number,
        raw_fault,
        event_time,
        received_at

    from numbered

),

validated as (

    select
        typed.event_id,
        typed.user_id,
        typed.session_id,
        typed.event_name,
        typed.feature_flag,
        typed.content_id,
        case
            when typed.raw_fault is not null then typed.raw_fault
            when typed.event_id is null or typed.event_time is null then 'missing_value'
            when typed.copy_number > 1 then 'exact_duplicate'
            when typed.delivery_number > 1 then 'conflicting_payload'
            when
                typed.event_name is null
                or typed.feature_flag is null
                or (typed.event_name = 'card_view') != (typed.content_id is not null)
                or typed.content_id like 'card_-%'
                then 'impossible_value'
            when users.user_id is null then 'unknown_user'
            when typed.event_time < users.signup_date then 'before_signup'
            when typed.event_time >= {{ timestamp_literal(world_end_date('feed')) }}
                then 'after_end'
        end as reject_reason,
        typed.event_time,
        typed.received_at,
        -- an event is accepted once its user is known as well
        greatest(typed.received_at, users.received_at) as accepted_at

    from typed
    left join users on typed.user_id = users.user_id

)

select * from validated
