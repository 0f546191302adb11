-- one row per experiment, treatment, metric, estimator and estimand that cannot be
-- estimated
with

results as (

    select * from {{ ref('experiments__results') }}

),

statistics as (

    select * from {{ ref('int_experiments__sufficient_statistics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

),

estimators as (

    {% for estimator, estimand, needs, takes_ratios in [
        ('naive', 'sate', 'nothing', true),
        ('cuped', 'sate', 'covariate', true),
        ('ancova', 'sate', 'covariate', true),
        ('lin', 'sate', 'covariate', true),
        ('did', 'satt', 'covariate', false),
        ('post_stratified', 'sate', 'overlap', true),
        ('post_stratified', 'satt', 'overlap', true),
        ('post_stratified', 'ato', 'overlap', false),
        ('post_stratified_cuped', 'sate', 'overlap and covariate', true),
        ('aipw', 'sate', 'overlap, covariate and probability', false),
        ('ipw', 'sate', 'probability', true),
    ] -%}
        select
            '{{ estimator }}' as estimator,
            '{{ estimand }}' as estimand,
            '{{ needs }}' as needs,
            {{ takes_ratios }} as takes_ratios

        {{ 'union all' if not loop.last }}

    {% endfor -%}

),

compared as (

    {{ compared_cells('statistics', ['experiment_id', 'metric']) }}

),

arm_sums as (

    {{ summed_cells('compared', ['experiment_id', 'treatment', 'metric']) }}

),

rare_metrics as (

    select distinct
        experiment_id,
        treatment,
        metric

    from arm_sums

    where {{ rare_in_arm() }}

),

aggregated_to_stratum as (

    select
        experiment_id,
        treatment,
        metric,
        stratum,
        sum(case when is_treated then n_units else 0 end) as treatment_units,
        sum(case when not is_treated then n_units else 0 end) as control_units,
        sum(case when is_treated then denominator_sum end) as treatment_denominator_sum,
        sum(case when not is_treated then denominator_sum end)
            as control_denominator_sum,
        sum(case when is_treated then covariate_count else 0 end)
            as treatment_covariate_count,
        sum(case when not is_treated then covariate_count else 0 end)
            as control_covariate_count,
        max(case when arm_probability is null then 1 else 0 end) as is_unknown

    from compared

    group by experiment_id, treatment, metric, stratum

),

aggregated_to_comparison as (

    select
        experiment_id,
        treatment,
        metric,
        least(sum(treatment_units), sum(control_units)) as arm_units,
        least(sum(treatment_denominator_sum), sum(control_denominator_sum))
            as arm_denominator_sum,
        least(sum(treatment_covariate_count), sum(control_covariate_count))
            as arm_covariate_count,
        max(is_unknown) as is_unknown,
        max(
            case when least(treatment_units, control_units) >= 2 then 1 else 0 end
        ) as has_overlap

    from aggregated_to_stratum

    group by experiment_id, treatment, metric

),

wanted as (

    select
        metrics.experiment_id,
        variants.variant as treatment,
        metrics.metric,
        estimators.estimator,
        estimators.estimand,
        estimators.needs,
        metrics.covariate_days
        = metrics.window_end_day - metrics.window_start_day + 1 as has_equal_past

    from metrics
    inner join variants on metrics.experiment_id = variants.experiment_id
    inner join estimators on metrics.kind != 'ratio' or estimators.takes_ratios

    where not variants.is_control

),

missing as (

    select
        wanted.*,
        comparisons.arm_units,
        comparisons.arm_denominator_sum,
        comparisons.arm_covariate_count,
        comparisons.is_unknown,
        comparisons.has_overlap,
        rare_metrics.metric is not null as is_rare

    from wanted
    left join results
        on
            wanted.experiment_id = results.experiment_id
            and wanted.treatment = results.treatment
            and wanted.metric = results.metric
            and wanted.estimator = results.estimator
            and wanted.estimand = results.estimand
    left join aggregated_to_comparison as comparisons
        on
            wanted.experiment_id = comparisons.experiment_id
            and wanted.treatment = comparisons.treatment
            and wanted.metric = comparisons.metric
    left join rare_metrics
        on
            wanted.experiment_id = rare_metrics.experiment_id
            and wanted.treatment = rare_metrics.treatment
            and wanted.metric = rare_metrics.metric

    where results.estimator is null

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    estimand,
    case
        when coalesce(arm_units, 0) = 0 then 'no_units'
        when arm_units < 2 then 'single_unit'
        when arm_denominator_sum = 0 then 'no_denominator'
        when needs like '%covariate%' and arm_covariate_count = 0 then 'no_covariate'
        when estimator = 'did' and not has_equal_past then 'unequal_past'
        when needs like '%overlap%' and has_overlap = 0 then 'no_overlap'
        when needs like '%probability%' and is_unknown = 1 then 'unknown_probability'
        when is_rare then 'too_rare'
        when
            estimator in ('lin', 'post_stratified_cuped', 'aipw')
            and arm_units < {{ units_of_slope() }}
            then 'small_arm'
        else 'no_variation'
    end as reason

from missing
