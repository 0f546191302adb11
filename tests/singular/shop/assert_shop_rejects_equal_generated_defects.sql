{{ config(group='generator', tags=['shop']) }}

-- one row per raw table and reason whose rejects are not the delivered defects
with

users as (

    select user_id from {{ ref('gen_shop__users') }}

    where {{ delivered('shop') }}

),

events as (

    select user_id from {{ ref('gen_shop__events') }}

    where {{ delivered('shop') }}

),

item_defects as (

    select kind from {{ ref('gen_shop__item_defects') }}

    where is_extra_row and {{ delivered('shop') }}

),

user_defects as (

    select kind from {{ ref('gen_shop__user_defects') }}

    where is_extra_row and {{ delivered('shop') }}

),

exposure_defects as (

    select kind from {{ ref('gen_shop__exposure_defects') }}

    where is_extra_row and {{ delivered('shop') }}

),

event_defects as (

    select
        user_id,
        kind

    from {{ ref('gen_shop__event_defects') }}

    where is_extra_row and {{ delivered('shop') }}

),

rejects as (

    select
        raw_table,
        reject_reason,
        reject_count

    from {{ ref('stg_shop__rejects') }}

),

-- dates are held against the signup, which is not known before the user is delivered
event_defects_as_seen as (

    select
        case
            when
                event_defects.kind in ('before_signup', 'after_end')
                and users.user_id is null
                then 'unknown_user'
            else event_defects.kind
        end as reject_reason

    from event_defects
    left join users on event_defects.user_id = users.user_id

),

events_ahead_of_their_user as (

    select events.user_id

    from events
    left join users on events.user_id = users.user_id

    where users.user_id is null

),

expected_rejects as (

    select
        'raw_shop__items' as raw_table,
        kind as reject_reason

    from item_defects

    union all

    select
        'raw_shop__users' as raw_table,
        kind as reject_reason

    from user_defects

    union all

    select
        'raw_shop__exposures' as raw_table,
        kind as reject_reason

    from exposure_defects

    union all

    select
        'raw_shop__events' as raw_table,
        reject_reason

    from event_defects_as_seen

    union all

    select
        'raw_shop__events' as raw_table,
        'unknown_user' as reject_reason

    from events_ahead_of_their_user

),

expected as (

    select
        raw_table,
        reject_reason,
        count(*) as reject_count

    from expected_rejects

    group by raw_table, reject_reason

),

compared as (

    select
        coalesce(expected.raw_table, rejects.raw_table) as raw_table,
        coalesce(expected.reject_reason, rejects.reject_reason) as reject_reason,
        coalesce(expected.reject_count, 0) as expected_count,
        coalesce(rejects.reject_count, 0) as reject_count

    from expected
    full join rejects
        on
            expected.raw_table = rejects.raw_table
            and expected.reject_reason = rejects.reject_reason

)

select * from compared

where expected_count != reject_count
