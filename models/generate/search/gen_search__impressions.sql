{{ config(materialized=large_view_or_table()) }}

-- one row per logged search and one of its first ten results, before dirt
with

results as (

    select * from {{ ref('gen_search__results') }}

    where is_assigned and is_logged

),

impressions as (

    select
        {{ search_event_id('search_key') }} as search_event_id,
        result_id,
        cast(result_position as integer) as result_position,
        result_type,
        {{ from_cents('price_cents') }} as result_price,
        result_provider,
        result_destination,
        has_defects,
        defect_draw,
        -- the page is logged as a whole, together with its search
        {{ timestamp_from_ms('searched_at_ms + delay_ms') }} as received_at

    from results

)

select * from impressions
