{{ config(materialized=large_view_or_table()) }}

-- one row per session and variant: what happens under that variant, by the same draws
with

starts as (

    select * from {{ ref('gen_feed__session_starts') }}

),

variants as (

    select * from {{ ref('feed_variants') }}

),

quantiles as (

    select * from {{ ref('gen_feed__card_view_quantiles') }}

),

both_arms as (

    select
        starts.*,
        variants.variant,
        2 * starts.segment_number + case
            when
                variants.is_treated
                and starts.day_since_exposure >= 0
                and starts.day_since_exposure < {{ setting('feed_novelty_days') }}
                then 1
            else 0
        end as rate_id

    from starts
    cross join variants

    where
        not (
            variants.is_treated
            and starts.is_churner_if_exposed
            and starts.day_since_exposure > {{ setting('feed_churn_after_day') }}
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

)

select
    user_number,
    day_since_exposure,
    session_key,
    user_id,
    variant,
    variant = feature_flag as is_assigned,
    view_count as card_view_count,
    started_at_ms,
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
