-- one row per session and variant: what happens under that variant, by the same draws
with

days as (

    select * from {{ ref('gen_feed__days') }}

),

variants as (

    select * from {{ ref('feed_variants') }}

),

hours as (

    select * from {{ ref('gen_feed__hour_aliases') }}

),

quantiles as (

    select * from {{ ref('gen_feed__card_view_quantiles') }}

),

drawn as (

    select
        days.*,
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
        ) }} as end_gap_seconds

    from days

),

timed as (

    select
        drawn.*,
        {{ epoch_ms_literal(world_start_date('feed')) }} + 86400000
        * (drawn.signup_day + {{ setting('feed_pre_days') }} + drawn.day_since_exposure)
            as day_ms,
        case
            when drawn.hour_position - hours.bucket < hours.own_share then hours.hour
            else hours.alias_hour
        end as hour

    from drawn
    left join hours on cast(floor(drawn.hour_position) as bigint) = hours.bucket

),

both_arms as (

    select
        timed.*,
        variants.variant,
        2 * timed.segment_number + case
            when
                variants.is_treated
                and timed.day_since_exposure >= 0
                and timed.day_since_exposure < {{ setting('feed_novelty_days') }}
                then 1
            else 0
        end as rate_id

    from timed
    cross join variants

    where
        not (
            variants.is_treated
            and timed.is_churner_if_exposed
            and timed.day_since_exposure > {{ setting('feed_churn_after_day') }}
        )

),

counted as (

    select
        both_arms.*,
        greatest(1, quantiles.card_view_count) as view_count

    from both_arms
    left join quantiles
        on
            both_arms.rate_id = quantiles.rate_id
            and quantiles.bucket
            = {{ integer_quotient('both_arms.card_view_draw_ppb', 1000000) }}
            and both_arms.card_view_draw_ppb >= quantiles.lower_ppb
            and both_arms.card_view_draw_ppb < quantiles.upper_ppb

),

lasting as (

    select
        *,
        60000 + cast(
            floor(1680000 * power(last_view_draw, cast(1 as double) / view_count))
            as bigint
        ) as last_view_ms

    from counted

),

sessions as (

    select
        user_number,
        day_since_exposure,
        session_key,
        user_id,
        variant,
        variant = feature_flag as is_assigned,
        view_count as card_view_count,
        day_ms + case
            when '{{ setting("feed_session_start") }}' = 'midnight' then 0
            else hour * 3600000 + ms_in_hour
        end as started_at_ms,
        last_view_ms,
        coalesce(
            60000
            * cast({{ setting('feed_fixed_session_minutes') or 'null' }} as bigint),
            least(
                last_view_ms + 1 + cast(floor(1000 * end_gap_seconds) as bigint),
                35 * 60000
            )
        ) as length_ms

    from lasting

),

happened as (

    select * from sessions

    where started_at_ms < {{ epoch_ms_literal(delivered_until('feed')) }}

)

select * from happened
