{{ config(materialized='view') }}

-- one row per possible user: engagement and churn in each arm, and the arm
with

draws as (

    select * from {{ ref('gen_learning__user_draws') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

described as (

    select
        draws.*,
        draws.plan_draw < profile.paid_share as is_paid,
        least(
            1000000000,
            cast(
                floor(
                    draws.engagement_ppb
                    * (
                        1
                        + {{ setting('learning_engagement_factor') - 1 }}
                        * {{ setting('effect_scale') }}
                    )
                ) as bigint
            )
        ) as treated_engagement_ppb,
        greatest(
            cast(
                floor({{ setting('learning_days') }} * profile.churn_first_day_share)
                + profile.churn_first_day as bigint
            ),
            draws.signup_day + 1
        ) as churn_day_from,
        {{ setting('learning_days') }} - cast(profile.churn_days_before_end as bigint)
            as churn_day_below

    from draws
    cross join profile

),

-- probabilities become integers where the power makes them
at_risk as (

    select
        described.*,
        {{ learning_churn_ppb(
            'described.engagement_ppb', 'described.is_paid', 'profile'
        ) }} as churn_ppb,
        {{ learning_churn_ppb(
            'described.treated_engagement_ppb', 'described.is_paid', 'profile'
        ) }} as treated_churn_ppb,
        described.churn_day_from + cast(
            floor(
                described.churn_day_draw
                * greatest(described.churn_day_below - described.churn_day_from, 0)
            ) as bigint
        ) as possible_churn_day,
        described.churn_day_from < described.churn_day_below as can_churn

    from described
    cross join profile

),

churned as (

    select
        *,
        case when can_churn and churn_draw_ppb < churn_ppb then possible_churn_day end
            as churn_day

    from at_risk

),

-- only those who are still there when the experiment starts can be in it
eligible as (

    select
        *,
        signup_day < {{ learning_experiment_day() }}
        and coalesce(churn_day >= {{ learning_experiment_day() }}, true)
            as is_in_experiment

    from churned

),

in_both_arms as (

    select
        *,
        case when is_in_experiment and is_treated then 'reminders' else 'control' end
            as variant,
        case
            when not is_in_experiment or churn_draw_ppb < treated_churn_ppb
                then churn_day
        end as treated_churn_day

    from eligible

)

select
    user_number,
    user_key,
    variant,
    country_draw,
    source_draw,
    signup_day,
    engagement_ppb,
    treated_engagement_ppb,
    churn_ppb,
    treated_churn_ppb,
    churn_day_from,
    churn_day_below,
    churn_day,
    treated_churn_day,
    payment_failure_draw,
    payment_failure_day_draw,
    ticket_draw,
    ticket_day_draw,
    delay_ms,
    defect_draw,
    is_paid,
    is_in_experiment

from in_both_arms
