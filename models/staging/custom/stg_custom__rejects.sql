-- one row per raw table and reason for which staging rejects rows of it
with

users as (

    select * from {{ ref('stg_custom__users_validated') }}

),

exposures as (

    {{ validated_exposures(ref('raw_custom__exposures'), declared_variants()) }}

),

events as (

    select * from {{ ref('stg_custom__events_validated') }}

),

rejects as (

    select
        'raw_custom__users' as raw_table,
        reject_reason

    from users

    union all

    select
        'raw_custom__exposures' as raw_table,
        reject_reason

    from exposures

    union all

    select
        'raw_custom__events' as raw_table,
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
