-- one row per user and date whose label window has been delivered
with

user_days as (

    select * from {{ ref('learning__user_daily') }}

),

summed as (

    select
        user_id,
        as_of_date,
        sum(is_active_day) over (
            partition by user_id
            order by as_of_date
            rows between 1 following
            and {{ setting('learning_churn_window_days') }} following
        ) as future_active_days

    from user_days

),

labelled as (

    select
        user_id,
        as_of_date,
        cast(future_active_days as bigint) as future_active_days,
        case when future_active_days = 0 then 1 else 0 end as churn_label

    from summed

    where
        {{ add_days('as_of_date', setting('learning_churn_window_days')) }}
        <= date '{{ last_delivered_date("learning") }}'

)

select * from labelled
