-- one row per experiment, variant, segment, week of exposure and day since exposure
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

active_days as (

    select * from {{ ref('int_experiments__unit_facts') }}

    where fact = 'active' and days_since_exposure >= 0

),

cohort_days as (

    select * from {{ ref('int_experiments__cohort_days') }}

),

aggregated_to_day as (

    select
        active_days.experiment_id,
        exposures.variant,
        exposures.segment,
        exposures.cohort_week,
        active_days.days_since_exposure,
        count(*) as n_retained

    from active_days
    inner join exposures on active_days.unit_hash = exposures.unit_hash

    group by
        active_days.experiment_id,
        exposures.variant,
        exposures.segment,
        exposures.cohort_week,
        active_days.days_since_exposure

),

joined as (

    select
        cohort_days.*,
        coalesce(active_units.n_retained, 0) as n_retained,
        {{ ratio('coalesce(active_units.n_retained, 0)', 'cohort_days.n_at_risk') }}
            as retention_rate

    from cohort_days
    left join aggregated_to_day as active_units
        on
            cohort_days.experiment_id = active_units.experiment_id
            and cohort_days.variant = active_units.variant
            and cohort_days.segment = active_units.segment
            and cohort_days.cohort_week = active_units.cohort_week
            and cohort_days.days_since_exposure = active_units.days_since_exposure

)

select
    experiment_id,
    variant,
    segment,
    days_since_exposure,
    n_at_risk,
    n_retained,
    retention_rate,
    {{ wilson_bound('retention_rate', 'n_at_risk', 'lower') }} as ci_lower,
    {{ wilson_bound('retention_rate', 'n_at_risk', 'upper') }} as ci_upper,
    cohort_week

from joined
