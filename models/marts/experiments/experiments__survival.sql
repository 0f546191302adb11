-- one row per experiment, variant, segment and day since exposure
with

curves as (

    select * from {{ ref('int_experiments__survival_curves') }}

),

log_rank_tests as (

    select * from {{ ref('experiments__log_rank_tests') }}

),

restricted_means as (

    select * from {{ ref('experiments__restricted_means') }}

),

described as (

    select
        curves.experiment_id,
        curves.variant,
        curves.segment,
        curves.days_since_exposure,
        curves.n_at_risk,
        curves.n_events,
        curves.n_censored,
        curves.survival_rate,
        curves.std_error,
        curves.ci_lower,
        curves.ci_upper,
        log_rank_tests.log_rank_statistic,
        log_rank_tests.log_rank_p_value,
        restricted_means.rmst,
        restricted_means.rmst_std_error,
        restricted_means.restricted_days

    from curves
    inner join log_rank_tests
        on
            curves.experiment_id = log_rank_tests.experiment_id
            and curves.segment = log_rank_tests.segment
    inner join restricted_means
        on
            curves.experiment_id = restricted_means.experiment_id
            and curves.variant = restricted_means.variant
            and curves.segment = restricted_means.segment

)

select * from described
