-- one row per raw table and reason for which staging rejects rows of it
with

users as (

    select * from {{ ref('stg_learning__users_validated') }}

),

exposures as (

    {{ validated_exposures(ref('raw_learning__exposures'), ['control', 'reminders']) }}

),

events as (

    select * from {{ ref('stg_learning__events_validated') }}

),

rejects as (

    select
        'raw_learning__users' as raw_table,
        reject_reason

    from users

    union all

    select
        'raw_learning__exposures' as raw_table,
        reject_reason

    from exposures

    union all

    select
        'raw_learning__events' as raw_table,
        reject_reason

    from events

),

counted as (

    select
        raw_table,
        reject_reason,
        count(*) as reject_count

    from rejects

    where reject_reason is not null

    group by raw_table, reject_reason

)

select * from counted
