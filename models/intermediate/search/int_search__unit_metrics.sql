-- one row per experiment, unit and metric through whose window the unit was followed
with

windows as (

    select * from {{ ref('int_search__unit_windows') }}

    where kind != 'activity'

),

measures as (

    select * from {{ ref('int_search__unit_measures') }}

),

aggregated_to_metric as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.metric,
        windows.kind,
        cast(coalesce(sum(measures.numerator), 0) as bigint) as numerator,
        cast(coalesce(sum(measures.denominator), 0) as bigint) as denominator

    from windows
    left join measures
        on
            windows.experiment_id = measures.experiment_id
            and windows.unit_id = measures.unit_id
            and windows.metric = measures.metric
            and windows.window_start_day <= measures.days_since_exposure
            and windows.window_end_day >= measures.days_since_exposure

    group by
        windows.experiment_id, windows.unit_id, windows.metric, windows.kind

),

described as (

    select
        experiment_id,
        unit_id,
        metric,
        case when kind = 'proportion' then least(numerator, 1) else numerator end
            as numerator,
        case when kind = 'ratio' then denominator end as denominator,
        -- nobody searches before the first search
        cast(null as bigint) as covariate

    from aggregated_to_metric

)

select * from described
