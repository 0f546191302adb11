{{ config(materialized=large_view_or_table()) }}

-- one row per user, variant and signal that the user is going to leave
with

users as (

    select * from {{ ref('gen_learning__users') }}

),

variants as (

    select * from {{ ref('learning_variants') }}

),

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

signals as (

    select
        users.*,
        'payment_failed' as event_type,
        6 as slot,
        users.payment_failure_day as day_number

    from users

    union all

    select
        users.*,
        'support_ticket' as event_type,
        7 as slot,
        users.ticket_day as day_number

    from users

),

-- what happened before the experiment stays, also where the reminders prevent the churn
both_arms as (

    select
        signals.user_number,
        signals.user_key,
        signals.user_id,
        signals.day_number,
        signals.slot,
        variants.variant,
        signals.event_type,
        case
            when signals.event_type = 'payment_failed'
                then cast(100 * profile.churn_payment_failure_amount as bigint)
        end as payment_cents,
        variants.variant = signals.variant as is_assigned

    from signals
    cross join variants
    cross join profile

    where
        signals.day_number >= greatest(signals.signup_day, 0)
        and signals.day_number < {{ days_happened('learning') }}
        and (
            not variants.is_treated
            or (
                signals.is_in_experiment
                and (
                    signals.treated_churn_day is not null
                    or signals.day_number < {{ learning_experiment_day() }}
                )
            )
        )

),

keyed as (

    select
        user_number,
        user_id,
        day_number,
        slot,
        {{ fold_in(fold_in('user_key', 'day_number'), 7) }} as signal_key,
        variant,
        event_type,
        payment_cents,
        is_assigned

    from both_arms

)

select * from keyed
