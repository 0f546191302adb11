-- one row per experiment, unit and metric through whose window the unit was followed
with

windows as (

    select
        *,
        window_end_day - window_start_day + 1 as window_days

    from {{ ref('int_shop__unit_windows') }}

    where kind != 'activity'

),

measures as (

    select * from {{ ref('int_shop__unit_measures') }}

),

located as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.metric,
        windows.kind,
        measures.numerator,
        measures.denominator,
        windows.has_earlier_window,
        measures.days_since_exposure
        between windows.window_start_day and windows.window_end_day as is_in_window,
        measures.days_since_exposure between -windows.window_days and -1
            as is_in_earlier_window

    from windows
    left join measures
        on
            windows.experiment_id = measures.experiment_id
            and windows.unit_id = measures.unit_id
            and windows.metric = measures.metric

),

aggregated_to_metric as (

    select
        experiment_id,
        unit_id,
        metric,
        kind,
        has_earlier_window,
        cast(sum(case when is_in_window then numerator else 0 end) as bigint)
            as numerator,
        cast(sum(case when is_in_window then denominator else 0 end) as bigint)
            as denominator,
        cast(sum(case when is_in_earlier_window then numerator else 0 end) as bigint)
            as earlier_numerator

    from located

    group by experiment_id, unit_id, metric, kind, has_earlier_window

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

    from aggregated_to_metric

)

select * from described
