-- one row per experiment, treatment, metric that names quantiles, and quantile: of
-- uncut values, if all analysed units of the comparison were in control, or treated
with

unit_effects as (

    select * from {{ ref('truth__unit_effects') }}

    where is_analysed

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

    where quantiles is not null

),

outcomes as (

    {% for arm in [0, 1] -%}
        select
            unit_effects.experiment_id,
            unit_effects.treatment,
            unit_effects.metric,
            {{ arm }} as arm,
            unit_effects.unit_id,
            unit_effects.y{{ arm }}_numerator_uncut as numerator

        from unit_effects
        inner join metrics
            on
                unit_effects.experiment_id = metrics.experiment_id
                and unit_effects.metric = metrics.metric

        {{ 'union all' if not loop.last }}

    {% endfor -%}

),

arm_quantiles as (

    {{ sample_quantiles(
        'outcomes', 'metrics', ['experiment_id', 'treatment', 'metric', 'arm']
    ) }}

),

aggregated_to_quantile as (

    select
        experiment_id,
        treatment,
        metric,
        quantile,
        n_units,
        max(case when arm = 0 then sample_quantile end) as control_quantile,
        max(case when arm = 1 then sample_quantile end) as treatment_quantile

    from arm_quantiles

    group by experiment_id, treatment, metric, quantile, n_units

)

select * from aggregated_to_quantile
