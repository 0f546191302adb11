-- one row per experiment and unit with one variant that was followed for longer than a
-- silence lasts
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

active_days as (

    select * from {{ ref('int_experiments__unit_facts') }}

    where fact = 'active' and days_since_exposure >= 0

),

-- the last day on which a silence can begin and still be seen through
followed as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.unit_hash,
        experiments.silence_days,
        least(exposures.followed_days, experiments.horizon_days - 1)
        - experiments.silence_days as cutoff_day

    from exposures
    inner join experiments on exposures.experiment_id = experiments.experiment_id

),

aggregated_to_unit as (

    select
        followed.experiment_id,
        followed.unit_id,
        followed.cutoff_day,
        coalesce(max(active_days.days_since_exposure), 0) as last_active_day

    from followed
    left join active_days
        on
            followed.unit_hash = active_days.unit_hash
            and followed.cutoff_day + followed.silence_days
            >= active_days.days_since_exposure

    where followed.cutoff_day >= 0

    group by followed.experiment_id, followed.unit_id, followed.cutoff_day

),

described as (

    select
        experiment_id,
        unit_id,
        least(last_active_day, cutoff_day) as duration_days,
        last_active_day < cutoff_day as is_event

    from aggregated_to_unit

)

select * from described
