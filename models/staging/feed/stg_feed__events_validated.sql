{{ config(materialized='view') }}

-- one row per delivered event, with the reason why it is rejected, if it is
with

events as (

    select * from {{ ref('raw_feed__events') }}

),

users as (

    select * from {{ ref('stg_feed__users') }}

),

repeated as (

    select * from {{ ref('stg_feed__repeated_events') }}

),

repeated_ids as (

    select distinct event_id from repeated

),

unrepeated as (

    select
        events.event_id,
        events.user_id,
        events.event_time,
        events.event_name,
        events.session_id,
        events.feature_flag,
        events.content_id,
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
