-- one row per experiment, variant, segment, week of exposure and day since exposure
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

aggregated_to_cohort as (

    select
        experiment_id,
        variant,
        segment,
        cohort_week,
        count(*) as n_at_risk,
        min(followed_days) as followed_days

    from exposures

    group by experiment_id, variant, segment, cohort_week

),

-- days through which every unit of the cohort was followed
cohort_days as (

    select
        cohorts.experiment_id,
        cohorts.variant,
        cohorts.segment,
        cohorts.cohort_week,
        cohorts.n_at_risk,
        {{ unnest_range(
            0, 'least(experiments.horizon_days, cohorts.followed_days + 1)'
        ) }} as days_since_exposure

    from aggregated_to_cohort as cohorts
    inner join experiments on cohorts.experiment_id = experiments.experiment_id

)

select * from cohort_days
