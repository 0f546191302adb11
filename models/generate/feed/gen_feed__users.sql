-- one row per user
with

run as (

    select * from {{ ref('gen__run') }}

),

segments as (

    select * from {{ ref('feed_segments') }}

),

world as (

    select {{ bits('run.root_key', 'feed.world') }} as world_key

    from run

),

keyed as (

    select
        series.user_number,
        {{ fold_in('world.world_key', 'series.user_number') }} as user_key

    from {{ user_numbers('feed') }} as series
    cross join world

),

engagement_drawn as (

    {{ beta(
        'keyed', 'user_key', 'feed.users.engagement',
        setting('feed_engagement_a'), setting('feed_engagement_b'), 'engagement'
    ) }}

),

drawn as (

    select
        user_number,
        user_key,
        {{ uuid4('user_key', 'feed.users.user_id') }} as user_id,
        greatest(floor(engagement * 1000000000), 1) / 1000000000 as engagement_score,
        {{ integers(
            'user_key', 'feed.users.signup_day', 0, setting('feed_signup_days')
        ) }} as signup_day,
        {{ integers(
            'user_key', 'feed.users.active_days',
            setting('feed_min_active_days'), setting('feed_days')
        ) }} as active_days,
        {{ uniform('user_key', 'feed.users.exposure') }} as exposure_draw,
        {{ bernoulli(
            'user_key', 'feed.users.churn',
            setting('feed_churn_probability') * setting('effect_scale')
        ) }} as is_churn_drawn,
        {{ delivery_delay_ms('user_key', 'feed.users.delivery') }} as delay_ms,
        {{ uniform('user_key', 'feed.users.defect') }} as defect_draw

    from engagement_drawn

),

dated as (

    select
        drawn.*,
        {{ epoch_ms_literal(world_start_date('feed')) }} + drawn.signup_day * 86400000
            as signup_ms

    from drawn

),

segmented as (

    select
        dated.user_number,
        dated.user_key,
        dated.user_id,
        segments.segment,
        case
            when dated.exposure_draw < segments.exposure_probability then 'SmartFeed_v2'
            else 'control'
        end as feature_flag,
        segments.segment_number,
        dated.signup_day,
        dated.active_days,
        dated.engagement_score,
        segments.exposure_probability as assignment_probability,
        dated.defect_draw,
        dated.is_churn_drawn and segments.is_churn_prone as is_churner_if_exposed,
        {{ timestamp_from_ms('dated.signup_ms') }} as signup_date,
        {{ timestamp_from_ms('dated.signup_ms + dated.delay_ms') }} as received_at

    from dated
    inner join segments
        on
            dated.engagement_score > segments.engagement_above
            and dated.engagement_score <= segments.engagement_up_to

),

happened as (

    select * from segmented

    where {{ delivered('feed', 'signup_date') }}

)

select * from happened
