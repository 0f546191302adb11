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
        {%- for arm in [0, 1] %}
            case
                when kind = 'proportion' then least(y{{ arm }}_numerator, 1)
                else y{{ arm }}_numerator
            end as y{{ arm }}_numerator,
            case when kind = 'ratio' then y{{ arm }}_denominator end
                as y{{ arm }}_denominator,
        {%- endfor %}
        is_logged,
        variant,
        stratum

    from aggregated_to_metric

)

select * from described
