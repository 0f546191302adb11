{{ config(materialized=large_view_or_table()) }}

-- one row per click and variant
with

outcomes as (

    select * from {{ ref('gen_search__search_outcomes') }}

    where click_count > 0

),

expanded_to_clicks as (

    select
        *,
        {{ unnest_range(1, 'click_count + 1') }} as click_number

    from outcomes

),

placed as (

    select
        *,
        case click_number
            when 1 then position_1
            when 2 then position_2
            else position_3
        end as result_position

    from expanded_to_clicks

),

results as (

    {{ search_results('placed') | indent(4) }}

),

keyed as (

    select
        *,
        {{ fold_in('search_key', '100 + click_number') }} as click_key

    from results

),

drawn as (

    select
        *,
        {{ bernoulli(
            'click_key', 'search.clicks.conversion', setting('search_conversion_rate')
        ) }} as is_converted,
        {{ integers('click_key', 'search.clicks.conversion_gap', 60000, 300001) }}
            as conversion_gap_ms,
        {{ uniform('click_key', 'search.clicks.booking_value') }} as value_draw,
        {{ uniform('click_key', 'search.clicks.commission') }} as commission_draw

    from keyed

),

valued as (

    select
        *,
        cast(floor(price_cents * (0.95e0 + 0.1e0 * value_draw) + 0.5e0) as bigint)
            as booking_value_cents

    from drawn

)

select
    search_key,
    click_key,
    session_id,
    user_id,
    anonymous_id,
    variant,
    result_position,
    result_id,
    result_type,
    price_cents,
    result_provider,
    result_destination,
    booking_value_cents,
    cast(
        floor(booking_value_cents * (0.05e0 + 0.1e0 * commission_draw) + 0.5e0)
        as bigint
    ) as commission_cents,
    is_assigned,
    is_logged,
    is_converted,
    searched_at_ms,
    clicked_at_ms,
    clicked_at_ms + conversion_gap_ms as converted_at_ms

from valued
