-- one row per experiment, exposed unit, metric and day of its window on which there is
-- anything in either arm
with

windows as (

    select * from {{ ref('truth_search__unit_windows') }}

    where kind != 'proportion'

),

measures as (

    select * from {{ ref('truth_search__unit_measures') }}

    where
        y0_numerator != 0
        or y0_denominator != 0
        or y1_numerator != 0
        or y1_denominator != 0

),

within_window as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.metric,
        measures.days_since_exposure,
        measures.y0_numerator,
        measures.y0_denominator,
        measures.y1_numerator,
        measures.y1_denominator

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
