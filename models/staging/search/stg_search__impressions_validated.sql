{{ config(materialized='view') }}

-- one row per delivered impression, with the reason why it is rejected, if it is
with

parents as (

    select
        event_id,
        accepted_at

    from {{ ref('stg_search__searches') }}

),

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
        typed.search_event_id,
        typed.result_id,
        typed.result_position,
        typed.result_type,
        typed.result_price,
        typed.result_provider,
        typed.result_destination,
        case
            when typed.raw_fault is not null then typed.raw_fault
            when typed.search_event_id is null or typed.result_position is null
                then 'missing_value'
            when typed.copy_number > 1 then 'exact_duplicate'
            when
                typed.result_type is null
                or typed.result_position < 1
                or typed.result_price < 0
                then 'impossible_value'
            when parents.event_id is null then 'unknown_parent'
        end as reject_reason,
        typed.received_at,
        -- an impression is accepted once its search is as well
        greatest(typed.received_at, parents.accepted_at) as accepted_at

    from typed
    left join parents on typed.search_event_id = parents.event_id

)

select * from validated
