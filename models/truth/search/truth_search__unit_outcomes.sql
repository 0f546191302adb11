-- one row per experiment, exposed unit and metric through whose window the unit was
-- followed: what it comes to in either arm
with

windows as (

    select * from {{ ref('truth_search__unit_windows') }}

),

measures as (

    select * from {{ ref('truth_search__unit_measures') }}

),

aggregated_to_metric as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.variant,
        windows.stratum,
        windows.metric,
        windows.kind,
        windows.is_logged,
        cast(coalesce(sum(measures.y0_numerator), 0) as bigint) as y0_numerator,
        cast(coalesce(sum(measures.y0_denominator), 0) as bigint) as y0_denominator,
        cast(coalesce(sum(measures.y1_numerator), 0) as bigint) as y1_numerator,
        cast(coalesce(sum(measures.y1_denominator), 0) as bigint) as y1_denominator

    from windows
    left join measures
        on
            windows.experiment_id = measures.experiment_id
            and windows.unit_id = measures.unit_id
            and windows.metric = measures.metric
            and windows.window_start_day <= measures.days_since_exposure
            and windows.window_end_day >= measures.days_since_exposure

    group by
        windows.experiment_id, windows.unit_id, windows.variant, windows.stratum,
        windows.metric, windows.kind, windows.is_logged

),

described as (

    select
        experiment_id,
        unit_id,
        metric,
        case when kind = 'proportion' then least(y0_numerator, 1) else y0_numerator end
            as y0_numerator,
        case when kind = 'ratio' then y0_denominator end as y0_denominator,
        case when kind = 'proportion' then least(y1_numerator, 1) else y1_numerator end
            as y1_numerator,
        case when kind = 'ratio' then y1_denominator end as y1_denominator,
        is_logged,
        variant,
        stratum

    from aggregated_to_metric

)

select * from described
