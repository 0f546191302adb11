-- one row per experiment, exposed unit and metric through whose window the unit was
-- followed: what it comes to in either arm
with

windows as (

    select * from {{ ref('truth_feed__unit_windows') }}

),

measures as (

    select * from {{ ref('truth_feed__unit_measures') }}

),

aggregated_to_metric as (

    select
        experiment_id,
        unit_id,
        metric,
        sum(y0_numerator) as y0_numerator,
        sum(y0_denominator) as y0_denominator,
        sum(y1_numerator) as y1_numerator,
        sum(y1_denominator) as y1_denominator

    from measures

    group by experiment_id, unit_id, metric

),

filled as (

    select
        windows.experiment_id,
        windows.unit_id,
        windows.metric,
        windows.kind,
        cast(coalesce(measured.y0_numerator, 0) as bigint) as y0_numerator,
        cast(coalesce(measured.y0_denominator, 0) as bigint) as y0_denominator,
        cast(coalesce(measured.y1_numerator, 0) as bigint) as y1_numerator,
        cast(coalesce(measured.y1_denominator, 0) as bigint) as y1_denominator,
        windows.is_logged,
        windows.variant,
        windows.stratum

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

    from filled

)

select * from described
