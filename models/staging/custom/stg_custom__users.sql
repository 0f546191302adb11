-- one row per user
with

validated as (

    select * from {{ ref('stg_custom__users_validated') }}

),

accepted as (

    select
        user_id,
        {{- listed(declared_columns('users')) }}
        signup_date,
        received_at

    from validated

    where reject_reason is null

)

select * from accepted
