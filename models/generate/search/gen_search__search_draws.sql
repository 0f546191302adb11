{{ config(materialized=large_view_or_table()) }}

-- one row per search: everything that is drawn for it
with

sessions as (

    select * from {{ ref('gen_search__sessions') }}

),

sizes as (

    select * from {{ ref('gen_search__parameter_counts') }}

),

expanded_to_searches as (

    select
        session_key,
        session_id,
        user_id,
        anonymous_id,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        gap_1_ms,
        gap_2_ms,
        gap_3_ms,
        gap_4_ms,
        destination_number,
        other_destination_number,
        is_treated,
        is_lost_if_treated,
        is_logged,
        started_at_ms,
        {{ unnest_range(0, 'search_count') }} as search_number

    from sessions

),

keyed as (

    select
        *,
        {{ fold_in('session_key', 'search_number + 1') }} as search_key

    from expanded_to_searches

),

drawn as (

    select
        keyed.search_key,
        keyed.search_number,
        keyed.session_id,
        keyed.user_id,
        keyed.anonymous_id,
        keyed.platform,
        keyed.device_type,
        keyed.geo_country,
        keyed.geo_city,
        keyed.utm_source,
        keyed.utm_medium,
        keyed.utm_campaign,
        keyed.gap_1_ms,
        keyed.gap_2_ms,
        keyed.gap_3_ms,
        keyed.gap_4_ms,
        keyed.is_treated,
        keyed.is_lost_if_treated,
        keyed.is_logged,
        keyed.started_at_ms,
        case
            when {{ bernoulli(
                'keyed.search_key', 'search.searches.changes_destination', 0.5
            ) }}
                then keyed.other_destination_number
            else keyed.destination_number
        end as destination_number,
        {{ integers(
            'keyed.search_key', 'search.searches.template', 0, 'sizes.template_count'
        ) }} as template_number,
        {{ integers('keyed.search_key', 'search.searches.results_count', 10, 101) }}
            as results_count,
        case
            when {{ bernoulli('keyed.search_key', 'search.searches.later_page', 0.1) }}
                then {{ integers('keyed.search_key', 'search.searches.page', 2, 4) }}
            else cast(1 as bigint)
        end as page,
        {{ integers('keyed.search_key', 'search.searches.price_max', 300, 501) }}
            as price_max,
        {{ integers('keyed.search_key', 'search.searches.travelers', 1, 5) }}
            as travelers,
        {{ bernoulli('keyed.search_key', 'search.searches.has_dates', 0.7) }}
            as has_dates,
        {{ integers('keyed.search_key', 'search.searches.days_ahead', 7, 91) }}
            as days_ahead,
        {{ integers('keyed.search_key', 'search.searches.nights', 3, 15) }} as nights,
        {{ integers(
            'keyed.search_key', 'search.searches.catalogue_start', 0, catalogue_size()
        ) }} as catalogue_start,
        -- 80 steps that have no divisor in common with 200
        10 * {{ integers('keyed.search_key', 'search.searches.catalogue_tens', 0, 20) }}
        + case {{ integers(
            'keyed.search_key', 'search.searches.catalogue_ones', 0, 4
        ) }}
            when 0 then 1
            when 1 then 3
            when 2 then 7
            else 9
        end as catalogue_step,
        {{ search_click_draw('keyed.search_key') }} as click_draw,
        {{ integers('keyed.search_key', 'search.searches.clicks', 1, 4) }}
            as click_count_draw,
        {{ uniform('keyed.search_key', 'search.searches.first_position') }}
            as first_position_draw,
        {{ uniform('keyed.search_key', 'search.searches.rival_position') }}
            as rival_position_draw,
        {{ uniform('keyed.search_key', 'search.searches.second_position') }}
            as second_position_draw,
        {{ uniform('keyed.search_key', 'search.searches.third_position') }}
            as third_position_draw,
        {{ integers(
            'keyed.search_key', 'search.searches.first_click_gap', 5000, 60001
        ) }}
            as click_gap_1_ms,
        {{ integers(
            'keyed.search_key', 'search.searches.second_click_gap', 5000, 60001
        ) }}
            as click_gap_2_ms,
        {{ integers(
            'keyed.search_key', 'search.searches.third_click_gap', 5000, 60001
        ) }}
            as click_gap_3_ms,
        {{ delivery_delay_ms('keyed.search_key', 'search.searches.delivery') }}
            as delay_ms,
        {{ first_defect('keyed.search_key', 'search.searches.first_defect') }}
            as first_defect,
        {{ uniform('keyed.search_key', 'search.search_events.defect') }} as defect_draw

    from keyed
    cross join sizes

)

select * from drawn
