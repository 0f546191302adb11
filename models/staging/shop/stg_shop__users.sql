-- one row per user
with

validated as (

    select * from {{ ref('stg_shop__users_validated') }}

),

accepted as (

    select
        user_id,
        registration_date,
        received_at

    from validated

    where reject_reason is null

)

select * from accepted
