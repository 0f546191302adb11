{{ config(materialized=large_view_or_table()) }}

-- one row per session: everything that is drawn for it
with

visits as (

    select * from {{ ref('gen_search__visits') }}

),

sizes as (

    select * from {{ ref('gen_search__parameter_counts') }}

),

treatments as (

    select
        assignment_probability,
        loss_probability

    from {{ ref('gen_search__variants') }}

    where is_treated

),

drawn as (

    select
        visits.day,
        visits.session_key,
        visits.visitor_key,
        visits.user_number,
        {{ uuid4('visits.session_key', 'search.sessions.session_id') }} as session_id,
        {{ uuid4('visits.session_key', 'search.sessions.anonymous_id') }} as cookie,
        {{ uniform('visits.session_key', 'search.sessions.platform') }}
            as platform_draw,
        {{ uniform('visits.session_key', 'search.sessions.device') }} as device_draw,
        sizes.campaign_count
        * {{ uniform('visits.session_key', 'search.sessions.campaign') }}
            as campaign_position,
        sizes.city_count * {{ uniform('visits.visitor_key', 'search.sessions.city') }}
            as city_position,
        24 * {{ uniform('visits.session_key', 'search.sessions.hour') }}
            as hour_position,
        {{ integers('visits.session_key', 'search.sessions.time_in_hour', 0, 3600000) }}
            as ms_in_hour,
        {{ integers('visits.session_key', 'search.sessions.searches', 1, 6) }}
            as search_count,
        {{ integers(
            'visits.session_key', 'search.sessions.first_gap', 30000, 300001
        ) }}
            as gap_1_ms,
        {{ integers(
            'visits.session_key', 'search.sessions.second_gap', 30000, 300001
        ) }}
            as gap_2_ms,
        {{ integers(
            'visits.session_key', 'search.sessions.third_gap', 30000, 300001
        ) }}
            as gap_3_ms,
        {{ integers(
            'visits.session_key', 'search.sessions.fourth_gap', 30000, 300001
        ) }}
            as gap_4_ms,
        {{ integers(
            'visits.session_key', 'search.sessions.destination',
            0, 'sizes.destination_count'
        ) }} as destination_number,
        {{ integers(
            'visits.session_key', 'search.sessions.other_destination',
            0, 'sizes.destination_count'
        ) }} as other_destination_number,
        {{ bernoulli(
            'visits.visitor_key', 'search.sessions.assignment',
            'treatments.assignment_probability'
        ) }} as is_treated,
        {{ bernoulli(
            'visits.session_key', 'search.sessions.loss', 'treatments.loss_probability'
        ) }} as is_lost_without_click

    from visits
    cross join sizes
    cross join treatments

)

select * from drawn
