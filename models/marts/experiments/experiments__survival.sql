-- one row per experiment, variant, segment and day since exposure
with

counts as (

    select * from {{ ref('int_experiments__survival_counts') }}

),

comparisons as (

    select * from {{ ref('int_experiments__survival_comparisons') }}

),

aggregated_to_variant as (

    select
        experiment_id,
        variant,
        segment,
        days_since_exposure,
        cast(sum(n_at_risk) as bigint) as n_at_risk,
        cast(sum(n_events) as bigint) as n_events,
        cast(sum(n_censored) as bigint) as n_censored

    from counts

    group by experiment_id, variant, segment, days_since_exposure

),

curves as (

    {{ survival_curves(
        'aggregated_to_variant', ['experiment_id', 'variant', 'segment']
    ) }}

),

-- the interval is symmetric in ln(-ln(survival)), so that it stays within 0–1
bounded as (

    select
        *,
        exp(
            {{ z_95() }} * log_std_error / nullif(abs(log_survival), 0)
        ) as interval_power

    from curves

)

select
    bounded.experiment_id,
    bounded.variant,
    bounded.segment,
    bounded.days_since_exposure,
    bounded.n_at_risk,
    bounded.n_events,
    bounded.n_censored,
    bounded.survival_rate,
    exp(bounded.log_survival) * bounded.log_std_error as std_error,
    exp(bounded.log_survival * bounded.interval_power) as ci_lower,
    exp(bounded.log_survival / bounded.interval_power) as ci_upper,
    comparisons.log_rank_statistic,
    comparisons.log_rank_p_value,
    comparisons.log_rank_p_value_holm,
    comparisons.restricted_days,
    comparisons.control_rmst,
    comparisons.treatment_rmst,
    comparisons.rmst_difference,
    comparisons.rmst_std_error,
    comparisons.rmst_ci_lower,
    comparisons.rmst_ci_upper,
    comparisons.rmst_p_value

from bounded
-- a control has no comparison of its own
left join comparisons
    on
        bounded.experiment_id = comparisons.experiment_id
        and bounded.variant = comparisons.treatment
        and bounded.segment = comparisons.segment
