{{ config(materialized='view') }}

-- one row per defective raw user: an edit in place, or an extra row beside a sound one
with

users as (

    select * from {{ ref('gen_custom__users') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_custom__users'

),

assigned as (

    select
        users.*,
        kinds.kind,
        kinds.is_extra_row,
        case kinds.kind
            when 'impossible_value'
                then -{{ (
                    setting('custom_days') + declaration()['signups_before_days'] + 1
                ) * 86400000 }}
            when 'conflicting_payload' then 86400000
            else 0
        end as signup_shift_ms,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'users.user_key', 'custom.user_defects.resend', 1000, 3600000
                ) }}
            else 0
        end as delivery_shift_ms

    from users
    inner join kinds
        on users.defect_draw >= kinds.draw_from and users.defect_draw < kinds.draw_below

),

defective as (

    select
        case
            when kind = 'impossible_value'
                then {{ uuid4('user_key', 'custom.user_defects.user_id') }}
            else user_id
        end as user_id,
        {{ timestamp_from_ms(epoch_ms('signup_date') ~ ' + signup_shift_ms') }}
            as signup_date,
        {{- dirty_properties('users') }}
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
