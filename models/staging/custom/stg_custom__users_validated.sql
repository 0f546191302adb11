{{ config(materialized='view') }}

-- one row per delivered user record, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('raw_custom__users') }}

),

typed as (

    select
        user_id,
        {{- clean_properties('users') }}
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
            partition by user_id order by received_at, {{ user_payload() | join(', ') }}
        ) as delivery_number,
        row_number() over (
            partition by user_id, {{ user_payload() | join(', ') }} order by received_at
        ) as copy_number

    from typed

),

validated as (

    select
        user_id,
        {{- listed(declared_columns('users')) }}
        case
            when raw_fault is not null then raw_fault
            when user_id is null or signup_date is null then 'missing_value'
            when copy_number > 1 then 'exact_duplicate'
            when delivery_number > 1 then 'conflicting_payload'
            when
                {{ lacks_category('users') }}
                or signup_date < timestamp '{{ world_start_date('custom') - modules.datetime.timedelta(
                    days=declaration()['signups_before_days']
                ) }} 00:00:00'
                or signup_date >= {{ timestamp_literal(world_end_date('custom')) }}
                then 'impossible_value'
        end as reject_reason,
        signup_date,
        received_at

    from ordered

)

select * from validated
