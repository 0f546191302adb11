-- one row per experiment and unit
with

exposures as (

    {{ union_of_worlds('int', 'exposures') }}

),

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

described as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.variant,
        exposures.stratum,
        exposures.segment,
        {{ text_key("concat(exposures.experiment_id, '/', exposures.unit_id)") }}
            as unit_hash,
        exposures.assignment_probability,
        exposures.exposure_count,
        exposures.prior_days,
        exposures.followed_days,
        exposures.variant != experiments.control as is_treated,
        exposures.is_multi_variant,
        cast(exposures.first_exposed_at as date) as exposure_date,
        exposures.cohort_week,
        exposures.assigned_at,
        exposures.first_exposed_at

    from exposures
    inner join experiments
        on
            exposures.experiment_id = experiments.experiment_id
            and exposures.source = experiments.source

)

select * from described
