-- one row per experiment, treatment, metric (mean or ratio) and day of its window: sums
-- over units that are analysed; who has left stays in, with zeros
with

unit_effects as (

    select * from {{ ref('truth__unit_effects') }}

    where is_analysed and kind != 'proportion'

),

unit_metric_parts as (

    select * from {{ ref('truth__unit_metric_parts') }}

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

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
        treatment,
        metric,
        kind,
        count(*) as n_units

    from unit_effects

    group by experiment_id, treatment, metric, kind

),

both_arms as (

    select
        unit_effects.experiment_id,
        unit_effects.treatment,
        unit_effects.metric,
        unit_metric_parts.days_since_exposure,
        unit_metric_parts.numerator,
        unit_metric_parts.denominator,
        variants.is_control

    from unit_metric_parts
    inner join unit_effects
        on
            unit_metric_parts.unit_hash = unit_effects.unit_hash
            and unit_metric_parts.metric = unit_effects.metric
    inner join variants
        on
            unit_metric_parts.experiment_id = variants.experiment_id
            and unit_metric_parts.variant = variants.variant

    where variants.is_control or variants.variant = unit_effects.treatment

),

aggregated_to_day as (

    select
        experiment_id,
        treatment,
        metric,
        {%- for arm, condition in [(0, 'is_control'), (1, 'not is_control')] %}
            {{ exact_sum('case when ' ~ condition ~ ' then numerator else 0 end') }}
                as y{{ arm }}_numerator_sum,
            {{ exact_sum('case when ' ~ condition ~ ' then denominator end') }}
                as y{{ arm }}_denominator_sum,
        {%- endfor %}
        days_since_exposure

    from both_arms

    group by experiment_id, treatment, metric, days_since_exposure

),

filled as (

    select
        cohorts.experiment_id,
        cohorts.treatment,
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
            and cohorts.treatment = days.treatment
            and cohorts.metric = days.metric
            and metric_days.days_since_exposure = days.days_since_exposure

)

select * from filled
