-- one row per experiment, variant, segment and day since exposure
with

counts as (

    select * from {{ ref('int_experiments__survival_counts') }}

),

-- logarithms of the daily rates; without a rest nobody is at risk on a later day
daily_rates as (

    select
        experiment_id,
        variant,
        segment,
        days_since_exposure,
        n_at_risk,
        n_events,
        n_censored,
        ln(cast(nullif(n_at_risk - n_events, 0) as double) / n_at_risk) as log_rate,
        cast(n_events as double) / n_at_risk
        / nullif(n_at_risk - n_events, 0) as greenwood_term

    from counts

),

-- in the order of days, so that no order of adding changes a digit
cumulated as (

    select
        experiment_id,
        variant,
        segment,
        days_since_exposure,
        n_at_risk,
        n_events,
        n_censored,
        greenwood_term,
        case
            when n_events < n_at_risk
                then sum(log_rate) over (
                    partition by experiment_id, variant, segment
                    order by days_since_exposure rows unbounded preceding
                )
        end as log_survival,
        sqrt(sum(greenwood_term) over (
            partition by experiment_id, variant, segment
            order by days_since_exposure rows unbounded preceding
        )) as log_std_error

    from daily_rates

),

-- the interval is symmetric in ln(-ln(survival)), so that it stays within 0–1
bounded as (

    select
        *,
        coalesce(exp(log_survival), 0e0) as survival_rate,
        exp(
            {{ z_95() }} * log_std_error / nullif(abs(log_survival), 0)
        ) as interval_power

    from cumulated

)

select
    experiment_id,
    variant,
    segment,
    days_since_exposure,
    n_at_risk,
    n_events,
    n_censored,
    survival_rate,
    exp(log_survival) * log_std_error as std_error,
    exp(log_survival * interval_power) as ci_lower,
    exp(log_survival / interval_power) as ci_upper,
    greenwood_term

from bounded
