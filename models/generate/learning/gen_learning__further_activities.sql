-- one row per user, variant, active day and activity beyond those of the session's own
with

days as (

    select * from {{ ref('gen_learning__days') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

quantiles as (

    select * from {{ ref('gen_learning__further_quantiles') }}

),

drawn_for_the_day as (

    select
        days.user_number,
        days.day_number,
        days.day_key,
        days.variant,
        days.engagement_ppb,
        days.is_assigned,
        cast(
            floor(
                1000000000
                * {{ uniform('days.day_key', 'learning.further_activities.count') }}
            ) as bigint
        ) as count_draw_ppb

    from days
    cross join profile

    where profile.further_rate > 0

),

counted as (

    select
        drawn_for_the_day.*,
        quantiles.activity_count

    from drawn_for_the_day
    left join quantiles
        on
            quantiles.bucket
            = {{ integer_quotient('drawn_for_the_day.count_draw_ppb', 1000000) }}
            and drawn_for_the_day.count_draw_ppb >= quantiles.lower_ppb
            and drawn_for_the_day.count_draw_ppb < quantiles.upper_ppb

),

expanded_to_activities as (

    select
        user_number,
        day_number,
        day_key,
        variant,
        engagement_ppb,
        is_assigned,
        {{ unnest_range(0, 'activity_count') }} as draw_number

    from counted

),

keyed as (

    select
        expanded_to_activities.*,
        -- 0 to 7 are the keys of the day's sessions and signals
        {{ fold_in('day_key', 'draw_number + 8') }} as activity_key

    from expanded_to_activities

),

-- each activity of a fully engaged user stays with the probability of the engagement:
-- what is left of a Poisson number is one too, and more engagement only adds to it
thinned as (

    select
        *,
        row_number() over (
            partition by user_number, day_number, variant order by draw_number
        ) - 1 as activity_number

    from keyed

    where
        cast(
            floor(
                1000000000
                * {{ uniform('activity_key', 'learning.further_activities.thinning') }}
            ) as bigint
        ) < engagement_ppb

),

drawn as (

    select
        thinned.*,
        {{ integers('activity_key', 'learning.further_activities.type', 0, 3) }}
            as type_draw,
        {{ normal('activity_key', 'learning.further_activities.noise') }} as noise,
        {{ uniform('activity_key', 'learning.further_activities.spread') }} as spread

    from thinned

),

activities as (

    select
        drawn.user_number,
        drawn.day_number,
        drawn.activity_number,
        drawn.variant,
        case drawn.type_draw
            when 0 then 'video_watch'
            when 1 then 'quiz_attempt'
            else 'course_enroll'
        end as event_type,
        case
            when drawn.type_draw = 0
                then {{ learning_watch_hundredths(
                    'drawn.engagement_ppb', 'drawn.noise', 'drawn.spread', 'profile'
                ) }}
        end as watch_hundredths,
        case
            when drawn.type_draw = 1
                then {{ learning_score_hundredths(
                    'drawn.engagement_ppb', 'drawn.noise', 'profile'
                ) }}
        end as score_hundredths,
        drawn.is_assigned

    from drawn
    cross join profile

)

select * from activities
