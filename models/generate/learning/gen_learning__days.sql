{{ config(materialized=large_view_or_table()) }}

-- one row per user, variant and active day
with

drawn as (

    select * from {{ ref('gen_learning__day_draws') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

variants as (

    select * from {{ ref('learning_variants') }}

),

-- up to the experiment both arms are the same, also in who is going to leave
both_arms as (

    select
        drawn.user_number,
        drawn.user_id,
        drawn.day_number,
        drawn.day_key,
        variants.variant,
        case
            when
                variants.is_treated
                and drawn.day_number >= {{ learning_experiment_day() }}
                then drawn.treated_engagement_ppb
            else drawn.engagement_ppb
        end as engagement_ppb,
        case
            when
                variants.is_treated
                and drawn.day_number >= {{ learning_experiment_day() }}
                then drawn.treated_last_active_day
            else drawn.last_active_day
        end as last_active_day,
        drawn.activity_draw_ppb,
        drawn.session_count_draw,
        drawn.is_paid,
        variants.variant = drawn.assigned_variant as is_assigned,
        drawn.activity_date

    from drawn
    cross join variants

    where drawn.is_in_experiment or not variants.is_treated

),

rated as (

    select
        both_arms.*,
        least(
            1,
            (
                profile.activity_base + profile.activity_slope
                * both_arms.engagement_ppb / cast(1000000000 as double)
            ) * case
                when {{ day_of_week('both_arms.activity_date') }} <= 5
                    then profile.weekday_factor
                else 1
            end
        ) as full_activity,
        least(
            1,
            coalesce(
                (both_arms.last_active_day - both_arms.day_number + 1)
                / (profile.decline_days + 1),
                1
            )
        ) as visit_share,
        1 + cast(floor(both_arms.session_count_draw * profile.sessions_max) as bigint)
            as session_count

    from both_arms
    cross join profile

    where
        both_arms.day_number
        <= coalesce(both_arms.last_active_day, both_arms.day_number)

),

-- a share of the visits: the rate of visits, -ln(1 - activity), times that share
active as (

    select
        user_number,
        user_id,
        day_number,
        day_key,
        variant,
        engagement_ppb,
        session_count,
        is_paid,
        is_assigned,
        activity_date

    from rated

    where
        activity_draw_ppb < case
            when visit_share = 1
                then cast(floor(1000000000 * full_activity) as bigint)
            else
                cast(
                    floor(1000000000 * (1 - power(1 - full_activity, visit_share)))
                    as bigint
                )
        end

)

select * from active
