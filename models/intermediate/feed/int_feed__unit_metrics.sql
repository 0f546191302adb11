-- one row per experiment, unit and metric through whose window the unit was followed
with

windows as (

    select * from {{ ref('int_feed__unit_windows') }}

),

measures as (

    select
        *,
        days_since_exposure between window_start_day and window_end_day as is_in_window

    from {{ ref('int_feed__unit_measures') }}

    where
        kind != 'activity'
        and (
            days_since_exposure between window_start_day and window_end_day
            or days_since_exposure between window_start_day - window_end_day - 1 and -1
        )

),

aggregated_to_metric as (

    select
        experiment_id,
        unit_id,
        metric,
        sum(case when is_in_window then numerator else 0 end) as numerator,
        sum(case when is_in_window then denominator else 0 end) as denominator,
        sum(case when is_in_window then 0 else numerator end) as earlier_numerator

    from measures

    group by experiment_id, unit_id, metric

),

filled as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.metric,
        windows.kind,
        cast(coalesce(measured.numerator, 0) as bigint) as numerator,
        cast(coalesce(measured.denominator, 0) as bigint) as denominator,
        cast(coalesce(measured.earlier_numerator, 0) as bigint) as earlier_numerator,
        windows.has_earlier_window

    from windows
    left join aggregated_to_metric as measured
        on
            windows.experiment_id = measured.experiment_id
            and windows.unit_id = measured.unit_id
            and windows.metric = measured.metric

),

described as (

    select
        experiment_id,
        unit_id,
        metric,
        case when kind = 'proportion' then least(numerator, 1) else numerator end
            as numerator,
        case when kind = 'ratio' then denominator end as denominator,
        case
            when not has_earlier_window or kind = 'ratio' then null
            when kind = 'proportion' then least(earlier_numerator, 1)
            else earlier_numerator
        end as covariate

    from filled

)

select * from described
