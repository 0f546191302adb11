{{ config(materialized='view') }}

-- one row per delivered user record, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('raw_shop__users') }}

),

typed as (

    select
        user_id,
        persona as delivered_persona,
        {{ clean_category('persona', ['browser', 'researcher', 'buyer']) }} as persona,
        sessions_per_week,
        registration_date,
        received_at,
        {{ raw_fault() }} as raw_fault

    from users

),

ordered as (

    select
        *,
        -- identical deliveries share a rank; their copy number tells them apart
        rank() over (
            partition by user_id
            order by received_at, registration_date, persona, sessions_per_week
        ) as delivery_number,
        row_number() over (
            partition by user_id, registration_date, persona, sessions_per_week
            order by received_at
        ) as copy_number

    from typed

),

-- what is latent ends here
validated as (

    select
        user_id,
        case
            when raw_fault is not null then raw_fault
            when user_id is null or registration_date is null then 'missing_value'
            when copy_number > 1 then 'exact_duplicate'
            when delivery_number > 1 then 'conflicting_payload'
            when
                (persona is null and delivered_persona is not null)
                or sessions_per_week <= 0
                or registration_date >= {{ timestamp_literal(world_end_date('shop')) }}
                then 'impossible_value'
        end as reject_reason,
        registration_date,
        received_at

    from ordered

)

select * from validated
