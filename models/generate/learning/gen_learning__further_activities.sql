-- one row per user, variant, active day and activity beyond those of the session's own
with

days as (

    select * from {{ ref('gen_learning__days') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

    where further_rate > 0

),

rated as (

    select
        days.user_number,
        days.day_number,
        days.day_key,
        days.variant,
        days.engagement_ppb,
        days.is_assigned,
        profile.further_rate * days.engagement_ppb / cast(1000000000 as double) as rate,
        {{ uniform('days.day_key', 'learning.further_activities.count') }} as count_draw

    from days
    cross join profile

),

counted as (

    select
        rated.*,
        cast({{ poisson('count_draw', 'rate', highest=24) }} as bigint)
            as activity_count

    from rated

),

expanded_to_activities as (

    select
        user_number,
        day_number,
        day_key,
        variant,
        engagement_ppb,
        is_assigned,
        {{ unnest_range(0, 'activity_count') }} as activity_number

    from counted

),

keyed as (

    select
        expanded_to_activities.*,
        -- 0 to 7 are the keys of the day's sessions and signals
        {{ fold_in('day_key', 'activity_number + 8') }} as activity_key

    from expanded_to_activities

),

drawn as (

    select
        keyed.*,
        {{ integers('activity_key', 'learning.further_activities.type', 0, 3) }}
            as type_draw,
        {{ normal('activity_key', 'learning.further_activities.noise') }} as noise,
        {{ uniform('activity_key', 'learning.further_activities.spread') }} as spread

    from keyed

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
