{{ config(group='generator', tags=['search']) }}

-- one row per search whose staged impressions are not the generated ones delivered.
-- Compared by count and sum of row hashes: a join of all rows takes twice as long.
with

generated_impressions as (

    select * from {{ ref('gen_search__impressions') }}

    where {{ delivered('search') }}

),

staged_impressions as (

    select * from {{ ref('stg_search__impressions') }}

),

generated as (

    select
        search_event_id,
        count(*) as impression_count,
        sum({{ row_hash([
            'result_id', 'result_position', 'result_type', 'result_price',
            'result_provider', 'result_destination', 'received_at'
        ]) }}) as impression_hash

    from generated_impressions

    group by search_event_id

),

staged as (

    select
        search_event_id,
        count(*) as impression_count,
        sum({{ row_hash([
            'result_id', 'result_position', 'result_type', 'result_price',
            'result_provider', 'result_destination', 'received_at'
        ]) }}) as impression_hash

    from staged_impressions

    group by search_event_id

),

compared as (

    select
        coalesce(generated.search_event_id, staged.search_event_id) as search_event_id,
        coalesce(generated.impression_count, 0) as generated_impression_count,
        coalesce(staged.impression_count, 0) as staged_impression_count,
        coalesce(generated.impression_hash = staged.impression_hash, false) as is_equal

    from generated
    full join staged on generated.search_event_id = staged.search_event_id

)

select * from compared

where generated_impression_count != staged_impression_count or not is_equal
