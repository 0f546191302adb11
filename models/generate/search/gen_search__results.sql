{{ config(materialized=large_view_or_table()) }}

-- one row per search, variant and one of the first ten results: the same in both arms,
-- but for the clicks
with

outcomes as (

    select * from {{ ref('gen_search__search_outcomes') }}

),

expanded_to_results as (

    select
        *,
        {{ unnest_range(1, 11) }} as result_position

    from outcomes

),

counted as (

    select
        *,
        case
            when click_count >= 1 and result_position = position_1 then 1
            when click_count >= 2 and result_position = position_2 then 2
            when click_count >= 3 and result_position = position_3 then 3
            else 0
        end as click_number

    from expanded_to_results

),

results as (

    {{ search_results('counted') | indent(4) }}

)

select * from results
