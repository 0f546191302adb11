{{ config(materialized='view') }}

-- one row per delivered user record, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('raw_feed__users') }}

),

typed as (

    select
        user_id,
        {{ clean_category('segment', ['new', 'returning', 'power']) }} as segment,
        {{ clean_category('feature_flag', ['control', 'SmartFeed_v2']) }}
            as feature_flag,
        engagement_score,
        signup_date,
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
            order by received_at, signup_date, segment, feature_flag, engagement_score
        ) as delivery_number,
        row_number() over (
            partition by user_id, signup_date, segment, feature_flag, engagement_score
            order by received_at
        ) as copy_number

    from typed

),

validated as (

    select
        user_id,
        segment,
        feature_flag,
        case
            when raw_fault is not null then raw_fault
            when user_id is null or signup_date is null then 'missing_value'
            when copy_number > 1 then 'exact_duplicate'
            when delivery_number > 1 then 'conflicting_payload'
            when
                segment is null
                or feature_flag is null
                or engagement_score not between 0 and 1
                or signup_date < {{ timestamp_literal(world_start_date('feed')) }}
                or signup_date >= {{ timestamp_literal(world_end_date('feed')) }}
                then 'impossible_value'
        end as reject_reason,
        signup_date,
        received_at

    from ordered

)

select * from validated
