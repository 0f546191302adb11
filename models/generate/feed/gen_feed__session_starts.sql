{{ config(materialized='view') }}

-- one row per session, whatever the variant: when it starts, and its draws
with

days as (

    select * from {{ ref('gen_feed__days') }}

),

hours as (

    select * from {{ ref('gen_feed__hour_aliases') }}

),

drawn as (

    select
        *,
        {{ fold_in('day_key', 0) }} as session_key,
        24 * {{ uniform('day_key', 'feed.sessions.hour') }} as hour_position,
        {{ integers('day_key', 'feed.sessions.time_in_hour', 0, 3600000) }}
            as ms_in_hour,
        cast(
            floor(1000000000 * {{ uniform('day_key', 'feed.sessions.card_views') }})
            as bigint
        ) as card_view_draw_ppb,
        {{ uniform('day_key', 'feed.sessions.last_view') }} as last_view_draw,
        {{ exponential(
            'day_key', 'feed.sessions.end_gap', setting('feed_session_end_gap_seconds')
        ) }} as end_gap_seconds,
        {{ epoch_ms_literal(world_start_date('feed')) }} + 86400000
        * (signup_day + {{ setting('feed_pre_days') }} + day_since_exposure) as day_ms

    from days

),

timed as (

    select
        drawn.*,
        drawn.day_ms + case
            when '{{ setting("feed_session_start") }}' = 'midnight' then 0
            when drawn.hour_position - hours.bucket < hours.own_share
                then hours.hour * 3600000 + drawn.ms_in_hour
            else hours.alias_hour * 3600000 + drawn.ms_in_hour
        end as started_at_ms

    from drawn
    left join hours on cast(floor(drawn.hour_position) as bigint) = hours.bucket

)

select
    user_number,
    day_since_exposure,
    session_key,
    user_id,
    feature_flag,
    segment_number,
    is_churner_if_exposed,
    started_at_ms,
    card_view_draw_ppb,
    last_view_draw,
    end_gap_seconds

from timed
