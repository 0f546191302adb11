-- one row per known user
with

sessions as (

    select * from {{ ref('search__sessions') }}

    where user_id is not null

),

traits as (

    select
        user_id,
        'platform' as trait,
        platform as trait_value

    from sessions

    union all

    select
        user_id,
        'device_type' as trait,
        device_type as trait_value

    from sessions

    union all

    select
        user_id,
        'geo_country' as trait,
        geo_country as trait_value

    from sessions

),

traits_aggregated_to_value as (

    select
        user_id,
        trait,
        trait_value,
        count(*) as session_count

    from traits

    group by user_id, trait, trait_value

),

ranked_traits as (

    select
        *,
        -- of values that are equally frequent, the first in the alphabet
        row_number() over (
            partition by user_id, trait order by session_count desc, trait_value asc
        ) as trait_rank

    from traits_aggregated_to_value

),

modes as (

    select
        user_id,
        max(case when trait = 'platform' then trait_value end) as primary_platform,
        max(case when trait = 'device_type' then trait_value end)
            as primary_device_type,
        max(case when trait = 'geo_country' then trait_value end) as primary_country

    from ranked_traits

    where trait_rank = 1

    group by user_id

),

aggregated_to_user as (

    select
        user_id,
        count(*) as session_count,
        cast(sum(search_count) as bigint) as search_count,
        cast(sum(clicked_search_count) as bigint) as clicked_search_count,
        cast(sum(click_count) as bigint) as click_count,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(sum(booking_value) as decimal(18, 2)) as revenue,
        cast(sum(commission) as decimal(18, 2)) as commission,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at,
        max(last_searched_at) as last_searched_at,
        max(last_converted_at) as last_converted_at

    from sessions

    group by user_id

),

described as (

    select
        visitors.user_id,
        modes.primary_platform,
        modes.primary_device_type,
        modes.primary_country,
        visitors.session_count,
        visitors.search_count,
        visitors.clicked_search_count,
        visitors.click_count,
        visitors.conversion_count,
        visitors.revenue,
        visitors.commission,
        {{ ratio('visitors.clicked_search_count', 'visitors.search_count') }}
            as search_click_rate,
        {{ ratio('visitors.click_count', 'visitors.search_count') }}
            as clicks_per_search,
        {{ ratio('visitors.conversion_count', 'visitors.click_count') }}
            as click_conversion_rate,
        {{ ratio('visitors.revenue', 'visitors.conversion_count') }}
            as average_order_value,
        visitors.first_seen_at,
        visitors.last_seen_at,
        visitors.last_searched_at,
        visitors.last_converted_at

    from aggregated_to_user as visitors
    inner join modes on visitors.user_id = modes.user_id

)

select * from described
