-- one row per raw table and reason for which staging rejects rows of it
with

searches as (

    select * from {{ ref('stg_search__searches_validated') }}

),

impressions as (

    select * from {{ ref('stg_search__impressions_validated') }}

),

clicks as (

    select * from {{ ref('stg_search__clicks_validated') }}

),

conversions as (

    select * from {{ ref('stg_search__conversions_validated') }}

),

exposures as (

    {{ validated_exposures(ref('raw_search__exposures'), ['control', 'ranking_v2']) }}

),

rejects as (

    select
        'raw_search__searches' as raw_table,
        reject_reason

    from searches

    union all

    select
        'raw_search__impressions' as raw_table,
        reject_reason

    from impressions

    union all

    select
        'raw_search__clicks' as raw_table,
        reject_reason

    from clicks

    union all

    select
        'raw_search__conversions' as raw_table,
        reject_reason

    from conversions

    union all

    select
        'raw_search__exposures' as raw_table,
        reject_reason

    from exposures

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
