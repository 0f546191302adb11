{{ config(materialized=large_view_or_table()) }}

-- one row per search, variant and one of the first ten results: the same in both arms,
-- but for the clicks
with

outcomes as (

    select * from {{ ref('gen_search__search_outcomes') }}

),

sizes as (

    select * from {{ ref('gen_search__parameter_counts') }}

),

product_types as (

    select * from {{ ref('gen_search__product_aliases') }}

),

catalogue as (

    select * from {{ ref('gen_search__catalogue') }}

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
        {{ fold_in('search_key', 'result_position') }} as result_key,
        case
            when click_count >= 1 and result_position = position_1 then 1
            when click_count >= 2 and result_position = position_2 then 2
            when click_count >= 3 and result_position = position_3 then 3
            else 0
        end as click_number

    from expanded_to_results

),

drawn as (

    select
        counted.*,
        sizes.product_type_count
        * {{ uniform('counted.result_key', 'search.results.type') }} as type_position,
        {{ uniform('counted.result_key', 'search.results.price') }} as price_draw,
        {{ defect_draw(
            'counted.result_key', 'search.results.defect',
            'counted.result_position - 1', 'counted.first_defect'
        ) }} as defect_draw

    from counted
    cross join sizes

),

typed as (

    select
        drawn.*,
        {{ catalogue_number(
            'drawn.destination_number',
            'coalesce(
                drawn.type_number,
                case
                    when drawn.type_position - product_types.bucket
                        < product_types.own_share
                        then product_types.type_number
                    else product_types.alias_type_number
                end
            )',
            catalogue_slot(
                'drawn.catalogue_start', 'drawn.catalogue_step', 'drawn.result_position'
            )
        ) }} as catalogue_number

    from drawn
    left join product_types
        on cast(floor(drawn.type_position) as bigint) = product_types.bucket

),

results as (

    select
        typed.search_key,
        typed.session_id,
        typed.user_id,
        typed.anonymous_id,
        typed.variant,
        typed.result_position,
        catalogue.result_id,
        catalogue.result_type,
        catalogue.lowest_price_cents + cast(floor(
            typed.price_draw
            * (catalogue.highest_price_cents - catalogue.lowest_price_cents + 1)
        ) as bigint) as price_cents,
        catalogue.result_provider,
        catalogue.result_destination,
        typed.click_number,
        typed.searched_at_ms + case typed.click_number
            when 1 then typed.click_gap_1_ms
            when 2 then typed.click_gap_2_ms
            when 3 then typed.click_gap_3_ms
        end as clicked_at_ms,
        typed.delay_ms,
        typed.first_defect < 10 as has_defects,
        typed.defect_draw,
        typed.is_assigned,
        typed.is_logged,
        typed.searched_at_ms

    from typed
    left join catalogue on typed.catalogue_number = catalogue.catalogue_number

)

select * from results
