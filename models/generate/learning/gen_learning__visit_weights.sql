-- one row per possible last active day and day: visits up to then
with

profile as (

    select * from {{ ref('gen_learning__profile') }}

),

-- a last active day of `days` + decline_days stands for users who stay
last_days as (

    select
        last_days.last_active_day,
        cast(profile.decline_days as bigint) as decline_days

    from {{ series(0, setting('learning_days'), 'last_active_day') }} as last_days
    cross join profile

    union all

    select
        {{ setting('learning_days') }} + cast(decline_days as bigint)
            as last_active_day,
        cast(decline_days as bigint) as decline_days

    from profile

),

dated as (

    select
        last_days.last_active_day,
        days.day_number,
        case
            when days.day_number < 0 then 0
            else
                least(
                    greatest(last_days.last_active_day - days.day_number + 1, 0),
                    last_days.decline_days + 1
                )
        end as visits,
        {{ date_of_day('learning', 'days.day_number') }}
            as activity_date

    from last_days
    cross join {{ series(-2, setting('learning_days'), 'day_number') }} as days

),

sorted as (

    select
        *,
        2 * case when day_number >= {{ learning_experiment_day() }} then 1 else 0 end
        + case when {{ day_of_week('activity_date') }} > 5 then 1 else 0 end as kind

    from dated

),

cumulated as (

    select
        last_active_day,
        day_number,
        cast(
            sum(case when kind = 0 then visits else 0 end) over up_to_the_day as bigint
        ) as visits_0,
        cast(
            sum(case when kind = 1 then visits else 0 end) over up_to_the_day as bigint
        ) as visits_1,
        cast(
            sum(case when kind = 2 then visits else 0 end) over up_to_the_day as bigint
        ) as visits_2,
        cast(
            sum(case when kind = 3 then visits else 0 end) over up_to_the_day as bigint
        ) as visits_3

    from sorted

    window
        up_to_the_day as (
            partition by last_active_day
            order by day_number
            rows unbounded preceding
        )

)

select * from cumulated
