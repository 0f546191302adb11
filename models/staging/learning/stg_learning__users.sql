-- one row per user
with

validated as (

    select * from {{ ref('stg_learning__users_validated') }}

),

accepted as (

    select
        user_id,
        signup_date,
        plan,
        is_paid,
        country,
        marketing_source,
        received_at

    from validated

    where reject_reason is null

)

select * from accepted
