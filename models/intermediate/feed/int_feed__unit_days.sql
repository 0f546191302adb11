-- one row per experiment, unit, metric and day of its window on which there is anything
with

measures as (

    select * from {{ ref('int_feed__unit_measures') }}

    where
        kind != 'proportion'
        and days_since_exposure between window_start_day and window_end_day

),

-- activity is followed as far as it goes, a metric through its whole window
followed as (

    select
        experiment_id,
        unit_id,
        metric,
        days_since_exposure,
        activity_date,
        numerator,
        denominator

    from measures

    where
        (kind = 'activity' or followed_days >= window_end_day)
        and (numerator != 0 or denominator != 0)

)

select * from followed
