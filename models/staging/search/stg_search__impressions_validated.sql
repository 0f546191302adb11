{{ config(materialized='view') }}

-- one row per delivered impression, with the reason why it is rejected, if it is
with

impressions as (

    select * from {{ ref('raw_search__impressions') }}

),

duplicates as (

    select * from {{ ref('stg_search__duplicate_impressions') }}

),

duplicate_ids as (

    select distinct search_event_id from duplicates

),

single as (

    select
        impressions.search_event_id,
        impressions.result_id,
        impressions.result_position,
        impressions.result_type,
        impressions.result_price,
        impressions.result_provider,
        impressions.result_destination,
        impressions.received_at,
        1 as copy_number,
        {{ raw_fault() }} as raw_fault

    from impressions
    left join duplicate_ids
        on impressions.search_event_id = duplicate_ids.search_event_id

    where
        duplicate_ids.search_event_id is null
        or coalesce(impressions.result_position, 0) < 1

),

numbered as (

    select * from single

    union all

    select
        *,
        cast(null as {{ dbt.type_string() }}) as raw_fault
    from duplicates

),

typed as (

    select
        search_event_id,
        result_id,
        result_position,
        {{ clean_category(
            'result_type', ['flight', 'hotel', 'car', 'package']
        ) }} as result_type,
        result_price,
        result_provider,
        result_destination,
        copy_number,
        raw_fault,
        received_at

    from numbered

),

validated as (

    select
        search_event_id,
        result_id,
        result_position,
        result_type,
        result_price,
        result_provider,
        result_destination,
        case
            when raw_fault is not null then raw_fault
            when search_event_id is null or result_position is null
                then 'missing_value'
            when copy_number > 1 then 'exact_duplicate'
            when result_type is null or result_position < 1 or result_price < 0
                then 'impossible_value'
        end as reject_reason,
        received_at

    from typed

)

select * from validated
