{{ config(materialized='view') }}

-- one row per delivered event, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('stg_custom__users') }}

),

numbered as (

    {{ numbered_deliveries(
        ref('raw_custom__events'),
        ref('stg_custom__duplicate_events'),
        ['user_id', 'session_id', 'event_name', 'event_time']
        + (declared_columns('events') | list)
    ) }}

),

typed as (

    select
        event_id,
        user_id,
        session_id,
        {{ clean_category('event_name', declared_names('events')) }} as event_name,
        {{- clean_properties('events') }}
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
        {{- listed(declared_columns('events'), 'typed.{}') }}
        case
            when typed.raw_fault is not null then typed.raw_fault
            when typed.event_id is null or typed.event_time is null then 'missing_value'
            when typed.copy_number > 1 then 'exact_duplicate'
            when typed.delivery_number > 1 then 'conflicting_payload'
            when typed.event_name is null then 'impossible_value'
            when users.user_id is null then 'unknown_user'
            when typed.event_time < users.signup_date then 'before_signup'
            when
                typed.event_time
                -- the last session may go on after midnight
                >= {{ timestamp_literal(
                    world_end_date('custom') + modules.datetime.timedelta(days=2)
                ) }}
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
