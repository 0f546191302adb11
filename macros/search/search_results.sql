{#
  Relation: results of searches, with what stands in them. The given one has the columns of
  gen_search__search_outcomes, result_position and click_number: which of the search's clicks falls on
  the result, from 1, or 0.
#}
{% macro search_results(relation) -%}
    with

    results_keyed as (

        select
            *,
            {{ fold_in('search_key', 'result_position') }} as result_key

        from {{ relation }}

    ),

    results_drawn as (

        select
            results_keyed.*,
            sizes.product_type_count * {{ uniform('results_keyed.result_key', 'search.results.type') }} as type_position,
            {{ uniform('results_keyed.result_key', 'search.results.price') }} as price_draw,
            {{ defect_draw(
                'results_keyed.result_key', 'search.results.defect',
                'results_keyed.result_position - 1', 'results_keyed.first_defect'
            ) }} as defect_draw

        from results_keyed
        cross join {{ ref('gen_search__parameter_counts') }} as sizes

    ),

    results_typed as (

        select
            drawn.*,
            {{ catalogue_number(
                'drawn.destination_number',
                'coalesce(
                    drawn.type_number,
                    case
                        when drawn.type_position - product_types.bucket < product_types.own_share
                            then product_types.type_number
                        else product_types.alias_type_number
                    end
                )',
                catalogue_slot('drawn.catalogue_start', 'drawn.catalogue_step', 'drawn.result_position')
            ) }} as catalogue_number

        from results_drawn as drawn
        left join {{ ref('gen_search__product_aliases') }} as product_types
            on cast(floor(drawn.type_position) as bigint) = product_types.bucket

    )

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
            typed.price_draw * (catalogue.highest_price_cents - catalogue.lowest_price_cents + 1)
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

    from results_typed as typed
    inner join {{ ref('gen_search__catalogue') }} as catalogue
        on typed.catalogue_number = catalogue.catalogue_number
{%- endmacro %}
