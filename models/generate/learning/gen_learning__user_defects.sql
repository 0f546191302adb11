{{ config(materialized='view') }}

-- one row per defective raw user: an edit in place, or an extra row beside a sound one
with

users as (

    select * from {{ ref('gen_learning__users') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_learning__users'

),

assigned as (

    select
        users.*,
        kinds.kind,
        kinds.is_extra_row,
        case
            when kinds.kind in ('impossible_value', 'missing_value')
                then 1000000000000
            else 0
        end as id_shift,
        case
            when kinds.kind = 'missing_value'
                then {{ integers(
                    'users.user_key', 'learning.user_defects.missing', 0, 3
                ) }}
        end as missing_column,
        case
            when kinds.kind = 'conflicting_payload'
                then {{ integers(
                    'users.user_key', 'learning.user_defects.resend', 1000, 3600000
                ) }}
            else 0
        end as delivery_shift_ms

    from users
    inner join kinds
        on users.defect_draw >= kinds.draw_from and users.defect_draw < kinds.draw_below

),

defective as (

    select
        case when coalesce(missing_column, -1) != 0 then user_id + id_shift end
            as user_id,
        case
            when kind = 'conflicting_payload' then {{ add_days('signup_date', 1) }}
            when coalesce(missing_column, -1) != 1 then signup_date
        end as signup_date,
        case
            when coalesce(missing_column, -1) != 2
                then {{ dirty_category('plan', 'kind') }}
        end as plan,
        case
            when is_paid != (kind = 'flag_mismatch') then 1
            else 0
        end as is_paid,
        country,
        marketing_source,
        case
            when kind = 'impossible_value' then -1
            else engagement_ppb / cast(1000000000 as double)
        end as engagement_score,
        {{ timestamp_from_ms(epoch_ms('received_at') ~ ' + delivery_shift_ms') }}
            as received_at,
        kind,
        is_extra_row

    from assigned

)

select * from defective
