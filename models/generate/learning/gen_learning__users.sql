-- one row per user
with

run as (

    select * from {{ ref('gen__run') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

world as (

    select {{ bits('run.root_key', 'learning.world') }} as world_key

    from run

),

keyed as (

    select
        series.user_number,
        {{ fold_in('world.world_key', 'series.user_number') }} as user_key

    from {{ user_numbers('learning') }} as series
    cross join world

),

engagement_drawn as (

    {{ beta(
        'keyed', 'user_key', 'learning.users.engagement',
        setting('learning_engagement_a'), setting('learning_engagement_b'), 'engagement'
    ) }}

),

drawn as (

    select
        user_number,
        user_key,
        cast(floor(engagement * 1000000000) as bigint) as engagement_ppb,
        {{ uniform('user_key', 'learning.users.plan') }} as plan_draw,
        {{ uniform('user_key', 'learning.users.country') }} as country_draw,
        {{ uniform('user_key', 'learning.users.marketing_source') }} as source_draw,
        case
            when {{ bernoulli(
                'user_key', 'learning.users.signup_during_window',
                setting('learning_signup_during_window')
            ) }}
                then {{ integers(
                    'user_key', 'learning.users.later_signup_day',
                    0, setting('learning_days')
                ) }}
            else -{{ integers(
                'user_key', 'learning.users.signup_day',
                0, [30, setting('learning_days') // 3] | max
            ) }}
        end as signup_day,
        cast(
            floor(1000000000 * {{ uniform('user_key', 'learning.users.churn') }})
            as bigint
        ) as churn_draw_ppb,
        {{ uniform('user_key', 'learning.users.churn_day') }} as churn_day_draw,
        {{ uniform('user_key', 'learning.users.payment_failure') }}
            as payment_failure_draw,
        {{ uniform('user_key', 'learning.users.payment_failure_day') }}
            as payment_failure_day_draw,
        {{ uniform('user_key', 'learning.users.ticket') }} as ticket_draw,
        {{ uniform('user_key', 'learning.users.ticket_day') }} as ticket_day_draw,
        {{ bernoulli('user_key', 'learning.users.variant', 0.5) }} as is_treated,
        {{ delivery_delay_ms('user_key', 'learning.users.delivery') }} as delay_ms,
        {{ uniform('user_key', 'learning.users.defect') }} as defect_draw

    from engagement_drawn

),

described as (

    select
        drawn.*,
        drawn.plan_draw < profile.paid_share as is_paid,
        profile.churn_base_rate * case
            when drawn.plan_draw < profile.paid_share then profile.churn_paid_factor
            else 1
        end as churn_factor,
        {{ categorical('drawn.country_draw', ['IN', 'US', 'UK', 'CA', 'AU', 'SG']) }}
            as country,
        {{ categorical(
            'drawn.source_draw',
            ['organic', 'referral', 'ads', 'youtube', 'community']
        ) }} as marketing_source,
        least(
            1000000000,
            cast(
                floor(
                    drawn.engagement_ppb
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
            drawn.signup_day + 1
        ) as churn_day_from,
        {{ setting('learning_days') }} - cast(profile.churn_days_before_end as bigint)
            as churn_day_below

    from drawn
    cross join profile

),

-- probabilities become integers where the power makes them
at_risk as (

    select
        described.*,
        cast(
            floor(
                1000000000 * least(
                    profile.churn_probability_max,
                    described.churn_factor * (
                        profile.churn_floor + profile.churn_slope * power(
                            1 - described.engagement_ppb / cast(1000000000 as double),
                            profile.churn_power
                        )
                    )
                )
            ) as bigint
        ) as churn_ppb,
        cast(
            floor(
                1000000000 * least(
                    profile.churn_probability_max,
                    described.churn_factor * (
                        profile.churn_floor + profile.churn_slope * power(
                            1 - described.treated_engagement_ppb
                            / cast(1000000000 as double),
                            profile.churn_power
                        )
                    )
                )
            ) as bigint
        ) as treated_churn_ppb,
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
        end as treated_churn_day,
        {{ epoch_ms_literal(world_start_date('learning')) }}
        + greatest(signup_day, 0) * 86400000 as known_from_ms

    from eligible

),

signalling as (

    select
        in_both_arms.*,
        case
            when
                in_both_arms.is_paid
                and in_both_arms.payment_failure_draw
                < profile.churn_payment_failure_probability
                then
                    in_both_arms.churn_day
                    - cast(profile.churn_payment_failure_days_min as bigint)
                    - cast(
                        floor(
                            in_both_arms.payment_failure_day_draw * (
                                profile.churn_payment_failure_days_max
                                - profile.churn_payment_failure_days_min + 1
                            )
                        ) as bigint
                    )
        end as payment_failure_day,
        case
            when in_both_arms.ticket_draw < profile.churn_ticket_probability
                then
                    in_both_arms.churn_day
                    - cast(profile.churn_ticket_days_min as bigint)
                    - cast(
                        floor(
                            in_both_arms.ticket_day_draw * (
                                profile.churn_ticket_days_max
                                - profile.churn_ticket_days_min + 1
                            )
                        ) as bigint
                    )
        end as ticket_day,
        in_both_arms.churn_day - 1 + cast(profile.churn_day_is_active as bigint)
            as last_active_day,
        in_both_arms.treated_churn_day - 1
        + cast(profile.churn_day_is_active as bigint) as treated_last_active_day

    from in_both_arms
    cross join profile

),

users as (

    select
        user_number,
        user_key,
        user_number + 1 as user_id,
        case when is_paid then 'paid' else 'free' end as plan,
        country,
        marketing_source,
        variant,
        signup_day,
        engagement_ppb,
        treated_engagement_ppb,
        churn_ppb,
        treated_churn_ppb,
        churn_day_from,
        churn_day_below,
        churn_day,
        treated_churn_day,
        last_active_day,
        treated_last_active_day,
        payment_failure_day,
        ticket_day,
        defect_draw,
        is_paid,
        is_in_experiment,
        {{ date_of_day('learning', 'signup_day') }}
            as signup_date,
        {{ timestamp_from_ms('known_from_ms') }} as known_from,
        {{ timestamp_from_ms('known_from_ms + delay_ms') }} as received_at

    from signalling

),

happened as (

    select * from users

    where {{ delivered('learning', 'known_from') }}

)

select * from happened
