-- one row per rate (segment and novelty), number of card views and bucket of the draw
with

segments as (

    select * from {{ ref('feed_segments') }}

),

rates as (

    select
        2 * segment_number as rate_id,
        card_view_rate as rate

    from segments

    union all

    select
        2 * segment_number + 1 as rate_id,
        card_view_rate
        * greatest(
            0, 1 + {{ (setting('feed_novelty_factor') - 1) * setting('effect_scale') }}
        ) as rate

    from segments

),

quantiles as (

    {{ poisson_quantiles('rates', highest=520) }}

)

select
    rate_id,
    bucket,
    outcome_count as card_view_count,
    lower_ppb,
    upper_ppb

from quantiles
