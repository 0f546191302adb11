{{ config(materialized='view') }}

-- one row per user and labelled date: what is known by then of when the user will leave
with

user_days as (

    select * from {{ ref('learning__user_daily') }}

),

users as (

    select * from {{ ref('gen_learning__users') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

followed as (

    select
        user_id,
        as_of_date,
        {{ day_of_date('learning', 'as_of_date') }}
            as day_number,
        max(
            case
                when is_active_day = 1
                    then {{ day_of_date('learning', 'as_of_date') }}
            end
        ) over (
            partition by user_id order by as_of_date rows unbounded preceding
        ) as last_activity_day

    from user_days

),

described as (

    select
        followed.user_id,
        followed.as_of_date,
        followed.day_number,
        coalesce(followed.last_activity_day, greatest(users.signup_day, 0) - 1)
            as anchor_day,
        followed.last_activity_day is not null as has_activity,
        users.churn_day_from - 1 + cast(profile.churn_day_is_active as bigint)
            as first_last_day,
        users.churn_day_below - 2 + cast(profile.churn_day_is_active as bigint)
            as final_last_day,
        greatest(users.churn_day_below - users.churn_day_from, 0) as churn_day_count,
        users.churn_ppb / cast(1000000000 as double) as churn_probability,
        users.treated_churn_ppb / cast(1000000000 as double)
            as treated_churn_probability,
        profile.activity_base
        + profile.activity_slope * users.engagement_ppb / cast(1000000000 as double)
            as activity,
        profile.activity_base
        + profile.activity_slope * users.treated_engagement_ppb
        / cast(1000000000 as double) as treated_activity,
        profile.weekday_factor,
        cast(profile.decline_days as bigint) as decline_days,
        -- the last active day from which a user can be in the experiment
        {{ learning_experiment_day() - 1 }}
        + cast(profile.churn_day_is_active as bigint) as first_experiment_last_day,
        -- how far each arm is possible, for users who are there when it starts
        case
            when users.signup_day >= {{ learning_experiment_day() }} then 1e0
            when followed.day_number < {{ learning_experiment_day() }} then 0.5e0
            when users.variant = 'reminders' then 0e0
            else 0.5e0
        end as control_share,
        case
            when users.signup_day >= {{ learning_experiment_day() }} then 0e0
            when followed.day_number < {{ learning_experiment_day() }} then 0.5e0
            when users.variant = 'reminders' then 1e0
            else 0e0
        end as treated_share,
        -- and how far those are possible who have left before it
        case
            when
                followed.day_number >= {{ learning_experiment_day() }}
                and users.variant = 'reminders'
                then 0e0
            else 1e0
        end as outside_share

    from followed
    inner join users on followed.user_id = users.user_id
    cross join profile

    where
        {{ add_days('followed.as_of_date', setting('learning_churn_window_days')) }}
        <= date '{{ last_delivered_date("learning") }}'

),

-- visits per day, so that a day is silent with probability exp(-rate)
rated as (

    select
        *,
        -- before the signup nobody visits
        greatest(day_number, anchor_day) as silent_until_day,
        greatest(day_number + {{ setting('learning_churn_window_days') }}, anchor_day)
            as end_day,
        {{ setting('learning_days') }} + decline_days as stay_day,
        -ln(greatest(1 - activity * weekday_factor, 1e-300)) as rate_0,
        -ln(greatest(1 - activity, 1e-300)) as rate_1,
        -ln(greatest(1 - treated_activity * weekday_factor, 1e-300)) as rate_2,
        -ln(greatest(1 - treated_activity, 1e-300)) as rate_3,
        greatest(
            first_last_day,
            case when has_activity then anchor_day else first_last_day end,
            case
                when outside_share = 0 then first_experiment_last_day
                else first_last_day
            end
        ) as from_last_day,
        case
            when churn_day_count > 0 then churn_probability / churn_day_count
            else 0
        end as daily_probability,
        case
            when churn_day_count > 0 then treated_churn_probability / churn_day_count
            else 0
        end as treated_daily_probability

    from described

),

-- who leaves later than any visit of the label window fades is like one who stays
bounded as (

    select
        *,
        least(final_last_day, end_day + decline_days - 1) as to_last_day,
        greatest(
            final_last_day - greatest(from_last_day, end_day + decline_days) + 1, 0
        ) as later_last_day_count

    from rated

)

select
    *,
    1 - daily_probability * churn_day_count + daily_probability * later_last_day_count
        as later_probability,
    case when from_last_day <= to_last_day then from_last_day else stay_day end
        as earliest_day

from bounded
