-- one row per raw table and reason for which staging rejects rows of it
with

items as (

    select * from {{ ref('stg_shop__items_validated') }}

),

users as (

    select * from {{ ref('stg_shop__users_validated') }}

),

exposures as (

    {{ validated_exposures(
        ref('raw_shop__exposures'), ['control', 'banner', 'large_banner']
    ) }}

),

events as (

    select * from {{ ref('stg_shop__events_validated') }}

),

rejects as (

    select
        'raw_shop__items' as raw_table,
        reject_reason

    from items

    union all

    select
        'raw_shop__users' as raw_table,
        reject_reason

    from users

    union all

    select
        'raw_shop__exposures' as raw_table,
        reject_reason

    from exposures

    union all

    select
        'raw_shop__events' as raw_table,
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
