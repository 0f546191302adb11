-- one row per experiment and unit that was followed for longer than a silence lasts
with

exposures as (

    select * from {{ ref('int_search__exposures') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

active_days as (

    select
        experiment_id,
        unit_id,
        days_since_exposure

    from {{ ref('int_search__unit_activity') }}

    where days_since_exposure >= 0

),

-- the last day on which a silence can begin and still be seen through
followed as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        experiments.silence_days,
        least(
            {{ days_between(
                'exposures.first_exposed_at',
                timestamp_literal(last_delivered_date('search'))
            ) }}, experiments.horizon_days - 1
        ) - experiments.silence_days as cutoff_day

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
            followed.experiment_id = active_days.experiment_id
            and followed.unit_id = active_days.unit_id
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
