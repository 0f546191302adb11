{{ config(materialized='view') }}

-- one row per delivered user record, with the reason why it is rejected, if it is
with

users as (

    select * from {{ ref('raw_learning__users') }}

),

typed as (

    select
        user_id,
        case
            when {{ raw_fault() }} is not null then {{ raw_fault() }}
            when user_id is null or signup_date is null or trim(coalesce(plan, '')) = ''
                then 'missing_value'
            when
                {{ clean_category('plan', ['free', 'paid']) }} is null
                or coalesce(engagement_score not between 0 and 1, false)
                then 'impossible_value'
        end as fault,
        {{ clean_category('plan', ['free', 'paid']) }} as plan,
        country,
        marketing_source,
        engagement_score,
        signup_date,
        received_at

    from users

),

-- faulty records do not count among the deliveries of their user
ordered as (

    select
        *,
        -- identical deliveries share a rank; their copy number tells them apart
        rank() over (
            partition by user_id, fault
            order by
                received_at, signup_date, plan, country, marketing_source,
                engagement_score
        ) as delivery_number,
        row_number() over (
            partition by
                user_id, fault, signup_date, plan, country, marketing_source,
                engagement_score
            order by received_at
        ) as copy_number

    from typed

),

validated as (

    select
        user_id,
        plan,
        country,
        marketing_source,
        case
            when fault is not null then fault
            when copy_number > 1 then 'exact_duplicate'
            when delivery_number > 1 then 'conflicting_payload'
        end as reject_reason,
        case when plan = 'paid' then 1 else 0 end as is_paid,
        signup_date,
        received_at

    from ordered

)

select * from validated
