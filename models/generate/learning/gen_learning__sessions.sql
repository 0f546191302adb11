{{ config(materialized=large_view_or_table()) }}

-- one row per session and variant: what happens under that variant, by the same draws
with

drawn as (

    select * from {{ ref('gen_learning__session_draws') }}

),

further as (

    select * from {{ ref('gen_learning__further_activities') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

hour_aliases as (

    select * from {{ ref('gen_learning__hour_aliases') }}

),

-- one row: DuckDB, which expects few sessions, would hold all of them for a join
hours as (

    select
        {{ ordered_list('hour', 'bucket') }} as hours,
        {{ ordered_list('alias_hour', 'bucket') }} as alias_hours,
        {{ ordered_list('own_share', 'bucket') }} as own_shares

    from hour_aliases

),

further_aggregated_to_day as (

    select
        user_number,
        day_number,
        variant,
        count(*) as further_count,
        count(watch_hundredths) as video_count,
        cast(coalesce(sum(watch_hundredths), 0) as bigint) as watch_hundredths,
        count(score_hundredths) as quiz_count,
        cast(coalesce(sum(score_hundredths), 0) as bigint) as score_hundredths,
        max(
            case
                when activity_number = 0 and event_type = 'course_enroll' then 1
                else 0
            end
        ) as opens_with_enrolment

    from further

    group by user_number, day_number, variant

),

positioned as (

    select
        *,
        cast(floor(hour_position) as bigint) as hour_bucket

    from drawn

),

-- sessions of a day that start in the same hour lie in different parts of it
timed as (

    select
        positioned.*,
        3600 * case
            when
                positioned.hour_position - positioned.hour_bucket
                < {{ list_item('hours.own_shares', 'positioned.hour_bucket + 1') }}
                then {{ list_item('hours.hours', 'positioned.hour_bucket + 1') }}
            else {{ list_item('hours.alias_hours', 'positioned.hour_bucket + 1') }}
        end
        + positioned.session_number * positioned.block_seconds
        + cast(floor(positioned.login_draw * positioned.block_seconds / 4) as bigint)
            as login_second

    from positioned
    cross join hours

),

valued as (

    select
        timed.*,
        cast(floor(timed.course_draw * profile.course_count) as bigint)
            as course_number,
        case
            when timed.has_video
                then {{ learning_watch_hundredths(
                    'timed.engagement_ppb', 'timed.minutes_noise',
                    'timed.minutes_spread', 'profile'
                ) }}
        end as own_watch_hundredths,
        case
            when timed.has_quiz
                then {{ learning_score_hundredths(
                    'timed.engagement_ppb', 'timed.score_noise', 'profile'
                ) }}
        end as own_score_hundredths,
        case
            when timed.has_payment
                then cast(
                    floor(
                        0.5 + 100 * {{ clip(
                            'profile.amount_mean + profile.amount_sd * timed.amount_noise',
                            'profile.amount_min', 'profile.amount_max'
                        ) }}
                    ) as bigint
                )
        end as payment_cents

    from timed
    cross join profile

),

sessions as (

    select
        valued.user_number,
        valued.user_id,
        valued.day_number,
        valued.session_number,
        valued.session_key,
        valued.variant,
        valued.course_number,
        valued.login_second,
        valued.block_seconds,
        valued.own_watch_hundredths,
        valued.own_score_hundredths,
        valued.payment_cents,
        coalesce(further.further_count, 0) as further_count,
        case when valued.has_video then 1 else 0 end
        + coalesce(further.video_count, 0) as video_count,
        coalesce(valued.own_watch_hundredths, 0)
        + coalesce(further.watch_hundredths, 0) as watch_hundredths,
        case when valued.has_quiz then 1 else 0 end
        + coalesce(further.quiz_count, 0) as quiz_count,
        coalesce(valued.own_score_hundredths, 0)
        + coalesce(further.score_hundredths, 0) as score_hundredths,
        valued.is_assigned,
        valued.has_enrolment,
        valued.has_enrolment or (
            not valued.has_video
            and not valued.has_quiz
            and coalesce(further.opens_with_enrolment, 0) = 1
        ) as opens_with_enrolment,
        valued.is_payment_successful,
        valued.has_ticket

    from valued
    left join further_aggregated_to_day as further
        on
            valued.user_number = further.user_number
            and valued.day_number = further.day_number
            and valued.variant = further.variant
            and valued.session_number = 0

)

select * from sessions
