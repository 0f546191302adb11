-- one row per experiment, metric (mean or ratio) and day of its window: sums over units
-- that are analysed; who has left stays in, with zeros
with

unit_effects as (

    select * from {{ ref('truth__unit_effects') }}

    where is_analysed and kind != 'proportion'

),

unit_days as (

    {{ union_of_worlds('truth', 'unit_days') }}

),

metric_days as (

    select
        experiment_id,
        metric,
        {{ unnest_range('window_start_day', 'window_end_day + 1') }}
            as days_since_exposure

    from {{ ref('int_experiments__metrics') }}

),

cohorts as (

    select
        experiment_id,
        metric,
        kind,
        count(*) as n_units

    from unit_effects

    group by experiment_id, metric, kind

),

aggregated_to_day as (

    select
        unit_days.experiment_id,
        unit_days.metric,
        unit_days.days_since_exposure,
        {{ exact_sum('unit_days.y0_numerator') }} as y0_numerator_sum,
        {{ exact_sum('unit_days.y0_denominator') }} as y0_denominator_sum,
        {{ exact_sum('unit_days.y1_numerator') }} as y1_numerator_sum,
        {{ exact_sum('unit_days.y1_denominator') }} as y1_denominator_sum

    from unit_days
    inner join unit_effects
        on
            unit_days.experiment_id = unit_effects.experiment_id
            and unit_days.unit_id = unit_effects.unit_id
            and unit_days.metric = unit_effects.metric

    group by
        unit_days.experiment_id, unit_days.metric, unit_days.days_since_exposure

),

filled as (

    select
        cohorts.experiment_id,
        cohorts.metric,
        cohorts.kind,
        metric_days.days_since_exposure,
        cohorts.n_units,
        coalesce(days.y0_numerator_sum, 0) as y0_numerator_sum,
        days.y0_denominator_sum,
        coalesce(days.y1_numerator_sum, 0) as y1_numerator_sum,
        days.y1_denominator_sum

    from cohorts
    inner join metric_days
        on
            cohorts.experiment_id = metric_days.experiment_id
            and cohorts.metric = metric_days.metric
    left join aggregated_to_day as days
        on
            cohorts.experiment_id = days.experiment_id
            and cohorts.metric = days.metric
            and metric_days.days_since_exposure = days.days_since_exposure

)

select * from filled
