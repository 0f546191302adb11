-- one row per user
with

validated as (

    select * from {{ ref('stg_feed__users_validated') }}

),

accepted as (

    select
        user_id,
        signup_date,
        segment,
        feature_flag,
        received_at

    from validated

    where reject_reason is null

)

select * from accepted
