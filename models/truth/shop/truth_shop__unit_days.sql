-- one row per experiment, exposed unit, metric and day of its window on which there is
-- anything in either arm
with

windows as (

    select * from {{ ref('truth_shop__unit_windows') }}

    where kind != 'proportion'

),

measures as (

    select * from {{ ref('truth_shop__unit_measures') }}

    where numerator != 0 or denominator != 0

),

aggregated_to_day as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.metric,
        windows.kind,
        measures.days_since_exposure,
        cast(sum(
            case when not measures.is_treated then measures.numerator else 0 end
        ) as bigint) as y0_numerator,
        cast(sum(
            case when not measures.is_treated then measures.denominator else 0 end
        ) as bigint) as y0_denominator,
        cast(sum(
            case when measures.is_treated then measures.numerator else 0 end
        ) as bigint) as y1_numerator,
        cast(sum(
            case when measures.is_treated then measures.denominator else 0 end
        ) as bigint) as y1_denominator

    from windows
    inner join measures
        on
            windows.experiment_id = measures.experiment_id
            and windows.unit_id = measures.unit_id
            and windows.metric = measures.metric
            and windows.window_start_day <= measures.days_since_exposure
            and windows.window_end_day >= measures.days_since_exposure

    group by
        windows.experiment_id, windows.unit_id, windows.metric, windows.kind,
        measures.days_since_exposure

),

described as (

    select
        experiment_id,
        unit_id,
        metric,
        days_since_exposure,
        y0_numerator,
        case when kind = 'ratio' then y0_denominator end as y0_denominator,
        y1_numerator,
        case when kind = 'ratio' then y1_denominator end as y1_denominator

    from aggregated_to_day

)

select * from described
