-- one row per user
with

lives as (

    select * from {{ ref('gen_learning__user_lifetimes') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

announced as (

    select
        lives.*,
        case
            when
                lives.is_paid
                and lives.payment_failure_draw
                < profile.churn_payment_failure_probability
                then lives.churn_day - {{ learning_days_ahead(
                    'lives.payment_failure_day_draw',
                    'profile.churn_payment_failure_days_min',
                    'profile.churn_payment_failure_days_max'
                ) }}
        end as payment_failure_day,
        case
            when lives.ticket_draw < profile.churn_ticket_probability
                then lives.churn_day - {{ learning_days_ahead(
                    'lives.ticket_day_draw',
                    'profile.churn_ticket_days_min',
                    'profile.churn_ticket_days_max'
                ) }}
        end as ticket_day,
        lives.churn_day - 1 + cast(profile.churn_day_is_active as bigint)
            as last_active_day,
        lives.treated_churn_day - 1 + cast(profile.churn_day_is_active as bigint)
            as treated_last_active_day,
        {{ epoch_ms_literal(world_start_date('learning')) }}
        + greatest(lives.signup_day, 0) * 86400000 as known_from_ms

    from lives
    cross join profile

),

users as (

    select
        user_number,
        user_key,
        user_number + 1 as user_id,
        case when is_paid then 'paid' else 'free' end as plan,
        {{ categorical('country_draw', ['IN', 'US', 'UK', 'CA', 'AU', 'SG']) }}
            as country,
        {{ categorical(
            'source_draw', ['organic', 'referral', 'ads', 'youtube', 'community']
        ) }} as marketing_source,
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

    from announced

),

happened as (

    select * from users

    where {{ delivered('learning', 'known_from') }}

)

select * from happened
