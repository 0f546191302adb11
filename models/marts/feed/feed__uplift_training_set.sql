-- one row per user with full follow-up: known at exposure, the treatment, the outcome
with

users as (

    select * from {{ ref('stg_feed__users') }}

),

exposures as (

    select
        cast(unit_id as {{ type_uuid() }}) as user_id,
        unit_id,
        variant,
        assignment_probability,
        first_exposed_at,
        cast(first_exposed_at as date) as exposure_date

    from {{ ref('int_feed__exposures') }}

    where not is_multi_variant

),

sessions as (

    select * from {{ ref('feed__sessions') }}

),

sessions_aggregated_to_user as (

    select
        user_id,
        count(case when days_since_exposure < 0 then 1 end) as session_count_before,
        cast(
            sum(case when days_since_exposure < 0 then card_view_count else 0 end)
            as bigint
        ) as card_view_count_before,
        cast(
            sum(
                case
                    when days_since_exposure between 0 and 13 then card_view_count
                    else 0
                end
            ) as bigint
        ) as card_views_14d,
        count(case when days_since_exposure between 6 and 8 then 1 end)
            as session_count_around_day_7

    from sessions

    group by user_id

),

examples as (

    select
        users.user_id,
        users.segment,
        {{ day_of_week('users.signup_date') }} as signup_day_of_week,
        {{ days_between('users.signup_date', 'exposures.first_exposed_at') }}
            as days_since_signup,
        extract(hour from exposures.first_exposed_at) as exposure_hour,
        coalesce(sessions.session_count_before, 0) as session_count_before,
        coalesce(sessions.card_view_count_before, 0) as card_view_count_before,
        {{ feed_variant_probability('exposures') }} as treatment_probability,
        coalesce(sessions.card_views_14d, 0) as card_views_14d,
        exposures.variant = 'SmartFeed_v2' as is_treated,
        coalesce(sessions.session_count_around_day_7, 0) > 0 as is_retained_7d,
        {{ uniform(text_key('exposures.unit_id'), 'feed.uplift_training_set.split') }}
            as split_draw,
        exposures.first_exposed_at

    from users
    inner join exposures on users.user_id = exposures.user_id
    left join sessions_aggregated_to_user as sessions
        on users.user_id = sessions.user_id

    where
        {{ add_days('exposures.exposure_date', 13) }}
        <= date '{{ last_delivered_date("feed") }}'

),

split as (

    select
        user_id,
        segment,
        case
            when split_draw < 0.6 then 'train'
            when split_draw < 0.8 then 'validation'
            else 'test'
        end as split,
        cast(signup_day_of_week as bigint) as signup_day_of_week,
        cast(days_since_signup as bigint) as days_since_signup,
        cast(exposure_hour as bigint) as exposure_hour,
        session_count_before,
        card_view_count_before,
        treatment_probability as assignment_probability,
        card_views_14d,
        is_treated,
        is_retained_7d,
        first_exposed_at

    from examples

)

select * from split
