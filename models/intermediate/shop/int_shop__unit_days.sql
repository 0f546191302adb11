-- one row per experiment, unit, metric and day of its window on which there is anything
with

windows as (

    select * from {{ ref('int_shop__unit_windows') }}

    where kind != 'proportion'

),

measures as (

    select * from {{ ref('int_shop__unit_measures') }}

    where numerator != 0 or denominator != 0

),

within_window as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.metric,
        measures.days_since_exposure,
        measures.activity_date,
        measures.numerator,
        measures.denominator

    from windows
    inner join measures
        on
            windows.experiment_id = measures.experiment_id
            and windows.unit_id = measures.unit_id
            and windows.metric = measures.metric
            and windows.window_start_day <= measures.days_since_exposure
            and windows.window_end_day >= measures.days_since_exposure

)

select * from within_window
