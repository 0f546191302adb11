{{ config(materialized='view') }}

-- one row per defective raw user: an edit in place, or an extra row beside a sound one
with

users as (

    select * from {{ ref('gen_shop__users') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_shop__users'

),

assigned as (

    select
        users.*,
        kinds.kind,
        kinds.is_extra_row,
        case kinds.kind
            when 'impossible_value' then {{ world_days('shop') * 86400000 }}
            when 'conflicting_payload' then 86400000
            else 0
        end as registration_shift_ms,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'users.user_key', 'shop.user_defects.resend', 1000, 3600000
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
            when kind = 'impossible_value' then concat(user_id, '_0') else user_id
        end as user_id,
        {{ dirty_category('persona', 'kind') }} as persona,
        case
            when kind = 'impossible_value' then cast(-1 as double)
            else sessions_per_week
        end as sessions_per_week,
        {{ timestamp_from_ms(
            epoch_ms('registration_date') ~ ' + registration_shift_ms'
        ) }} as registration_date,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
