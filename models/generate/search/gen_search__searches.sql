{{ config(materialized=large_view_or_table()) }}

-- one row per search, whatever the variant: what is asked, and the draws for its clicks
with

draws as (

    select * from {{ ref('gen_search__search_draws') }}

),

templates as (

    select * from {{ ref('search_templates') }}

),

product_types as (

    select * from {{ ref('search_product_types') }}

),

destinations as (

    select * from {{ ref('search_destinations') }}

),

worded as (

    select
        draws.*,
        replace(templates.template, '{destination}', destinations.destination)
            as query,
        templates.template like '%cheap%' as is_cheap,
        templates.product_type = 'flight' as is_flight,
        product_types.type_number,
        draws.started_at_ms + case draws.search_number
            when 0 then 0
            when 1 then draws.gap_1_ms
            when 2 then draws.gap_2_ms
            when 3 then draws.gap_3_ms
            else draws.gap_4_ms
        end as searched_at_ms

    from draws
    left join templates on draws.template_number = templates.template_number
    left join product_types on templates.product_type = product_types.product_type
    left join destinations
        on draws.destination_number = destinations.destination_number

),

dated as (

    select
        *,
        {{ add_days(timestamp_from_ms('searched_at_ms'), 'days_ahead') }}
            as trip_start_date,
        {{ add_days(timestamp_from_ms('searched_at_ms'), 'days_ahead + nights') }}
            as trip_end_date

    from worded

),

filtered as (

    select
        *,
        case
            when is_cheap
                then concat(
                    ', "price_max": ', cast(price_max as {{ dbt.type_string() }})
                )
            else ''
        end as price_filter,
        case
            when is_flight
                then concat(
                    ', "travelers": ', cast(travelers as {{ dbt.type_string() }})
                )
            else ''
        end as traveler_filter,
        case
            when has_dates
                then concat(
                    ', "dates": ["',
                    cast(trip_start_date as {{ dbt.type_string() }}),
                    '", "',
                    cast(trip_end_date as {{ dbt.type_string() }}),
                    '"]'
                )
            else ''
        end as date_filter

    from dated

),

searches as (

    select
        search_key,
        search_number,
        session_id,
        user_id,
        anonymous_id,
        query,
        results_count,
        page,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        concat(
            '{', substr(concat(price_filter, traveler_filter, date_filter), 3), '}'
        ) as filters,
        destination_number,
        type_number,
        catalogue_start,
        catalogue_step,
        click_draw,
        click_count_draw,
        first_position_draw,
        rival_position_draw,
        second_position_draw,
        third_position_draw,
        click_gap_1_ms,
        click_gap_2_ms,
        click_gap_3_ms,
        delay_ms,
        first_defect,
        defect_draw,
        is_treated,
        is_lost_if_treated,
        is_logged,
        searched_at_ms

    from filtered

)

select * from searches
