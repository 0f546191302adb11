-- one row per session: its visitor, its context, and the pace of its searches
with

drawn as (

    select * from {{ ref('gen_search__session_draws') }}

),

hours as (

    select * from {{ ref('gen_search__hour_aliases') }}

),

campaign_aliases as (

    select * from {{ ref('gen_search__campaign_aliases') }}

),

campaigns as (

    select * from {{ ref('search_campaigns') }}

),

city_aliases as (

    select * from {{ ref('gen_search__city_aliases') }}

),

cities as (

    select * from {{ ref('search_cities') }}

),

arms as (

    select
        max(case when is_treated then click_probability end) as treated_probability,
        max(case when not is_treated then click_probability end) as control_probability

    from {{ ref('gen_search__variants') }}

),

-- the fault: in the treatment a cookie's log is sent with the first click
searches_to_lose as (

    select
        session_key,
        {{ unnest_range(1, 'search_count + 1') }} as search_number

    from drawn

    where user_number is null and is_lost_without_click

),

searches_keyed as (

    select
        session_key,
        {{ fold_in('session_key', 'search_number') }} as search_key

    from searches_to_lose

),

searches_aggregated_to_session as (

    select
        session_key,
        min({{ search_click_draw('search_key') }}) as lowest_click_draw

    from searches_keyed

    group by session_key

),

chosen as (

    select
        drawn.*,
        coalesce(losses.lowest_click_draw >= arms.treated_probability, false)
            as is_lost_if_treated,
        coalesce(losses.lowest_click_draw >= arms.control_probability, false)
            as is_lost_under_null,
        case
            when drawn.hour_position - hours.bucket < hours.own_share then hours.hour
            else hours.alias_hour
        end as hour,
        case
            when drawn.city_position - city_aliases.bucket < city_aliases.own_share
                then city_aliases.city_number
            else city_aliases.alias_city_number
        end as city_number,
        case
            when
                drawn.campaign_position - campaign_aliases.bucket
                < campaign_aliases.own_share
                then campaign_aliases.campaign_number
            else campaign_aliases.alias_campaign_number
        end as campaign_number

    from drawn
    cross join arms
    left join searches_aggregated_to_session as losses
        on drawn.session_key = losses.session_key
    left join hours on cast(floor(drawn.hour_position) as bigint) = hours.bucket
    left join city_aliases
        on cast(floor(drawn.city_position) as bigint) = city_aliases.bucket
    left join campaign_aliases
        on cast(floor(drawn.campaign_position) as bigint) = campaign_aliases.bucket

),

sessions as (

    select
        chosen.day,
        chosen.session_key,
        chosen.visitor_key,
        chosen.session_id,
        case
            when chosen.user_number is not null
                then concat(
                    'user_', cast(chosen.user_number as {{ dbt.type_string() }})
                )
        end as user_id,
        case when chosen.user_number is null then chosen.cookie end as anonymous_id,
        case
            when chosen.platform_draw < 1 / 3e0 then 'web'
            when chosen.platform_draw < 2 / 3e0 then 'ios'
            else 'android'
        end as platform,
        case
            when chosen.platform_draw >= 1 / 3e0 then 'mobile'
            when chosen.device_draw < 1 / 3e0 then 'desktop'
            when chosen.device_draw < 2 / 3e0 then 'mobile'
            else 'tablet'
        end as device_type,
        cities.country as geo_country,
        cities.city as geo_city,
        campaigns.utm_source,
        campaigns.utm_medium,
        campaigns.utm_campaign,
        chosen.search_count,
        chosen.gap_1_ms,
        chosen.gap_1_ms + chosen.gap_2_ms as gap_2_ms,
        chosen.gap_1_ms + chosen.gap_2_ms + chosen.gap_3_ms as gap_3_ms,
        chosen.gap_1_ms + chosen.gap_2_ms + chosen.gap_3_ms + chosen.gap_4_ms
            as gap_4_ms,
        chosen.destination_number,
        chosen.other_destination_number,
        chosen.is_treated,
        chosen.is_lost_if_treated,
        chosen.is_lost_under_null,
        not chosen.is_treated or not chosen.is_lost_if_treated as is_logged,
        {{ epoch_ms_literal(world_start_date('search')) }}
        + chosen.day * 86400000 + chosen.hour * 3600000 + chosen.ms_in_hour
            as started_at_ms

    from chosen
    left join cities on chosen.city_number = cities.city_number
    left join campaigns on chosen.campaign_number = campaigns.campaign_number

)

select * from sessions
