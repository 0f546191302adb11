{{ config(materialized='view') }}

-- one row per session and arm, and per failed payment that announces a churn: what it
-- comes to in that arm
with

sessions as (

    select
        user_number,
        day_number,
        variant,
        1 as session_count,
        watch_hundredths,
        quiz_count,
        score_hundredths,
        case when payment_cents is null then 0 else 1 end as payment_count,
        case
            when payment_cents is not null and not is_payment_successful then 1 else 0
        end as failed_payment_count

    from {{ ref('gen_learning__sessions') }}

),

-- a failed payment that announces a churn comes on days without activity, too
signals as (

    select
        user_number,
        day_number,
        variant,
        0 as session_count,
        0 as watch_hundredths,
        0 as quiz_count,
        0 as score_hundredths,
        1 as payment_count,
        1 as failed_payment_count

    from {{ ref('gen_learning__signals') }}

    where event_type = 'payment_failed'

),

together as (

    select * from sessions

    union all

    select * from signals

)

select * from together
