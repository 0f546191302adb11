-- one row per user: when the user churns in each arm, and how probable that was
with

users as (

    select * from {{ ref('gen_learning__users') }}

),

churn as (

    select
        user_id,
        variant,
        churn_ppb / cast(1000000000 as double) as churn_probability,
        case
            when is_in_experiment then treated_churn_ppb / cast(1000000000 as double)
        end as reminders_churn_probability,
        engagement_ppb / cast(1000000000 as double) as engagement_score,
        is_in_experiment,
        {{ date_of_day('learning', 'churn_day') }}
            as control_churn_date,
        case
            when is_in_experiment
                then {{ date_of_day('learning', 'treated_churn_day') }}
        end as reminders_churn_date

    from users

)

select * from churn
