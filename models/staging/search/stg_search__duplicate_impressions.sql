-- one row per delivery of an impression of a search with duplicate impressions
with

-- read apart from the rows: a CTE that is used twice would be stored whole
positions as (

    select
        search_event_id,
        cast(power(2, result_position % 40) as bigint) as position_bit

    from {{ ref('raw_search__impressions') }}

    where result_position >= 1

),

impressions as (

    select * from {{ ref('raw_search__impressions') }}

    where result_position >= 1

),

-- bits of different positions add up to what they are together. (Of equal ones mod 40 they do
-- not either, which does no harm.) Grouping by search and position would take ten times as much
-- memory.
duplicate_ids as (

    select search_event_id

    from positions

    group by search_event_id

    having sum(position_bit) != bit_or(position_bit)

),

numbered as (

    select
        impressions.search_event_id,
        impressions.result_id,
        impressions.result_position,
        impressions.result_type,
        impressions.result_price,
        impressions.result_provider,
        impressions.result_destination,
        impressions.received_at,
        row_number() over (
            partition by impressions.search_event_id, impressions.result_position
            order by impressions.received_at
        ) as copy_number

    from impressions
    inner join duplicate_ids
        on impressions.search_event_id = duplicate_ids.search_event_id

)

select * from numbered
