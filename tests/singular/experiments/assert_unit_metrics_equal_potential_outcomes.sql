{{ config(group='generator', tags=['experiments']) }}

-- one row per experiment, unit and metric that differs from the outcome simulated for
-- the unit's variant, or that only one side has. Only windows whose events must all
-- have been delivered by as_of are compared.
with

outcomes as (

    select * from {{ ref('truth__unit_outcomes') }}

    where variant = assigned_variant and is_logged

),

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

),

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

-- deliveries go on after the last day that a world's tables cover
complete_metrics as (

    select
        metrics.experiment_id,
        metrics.metric,
        metrics.window_end_day + {{ setting('late_max_days') }} + 2
        - case experiments.source
            {%- for world in experiment_worlds() %}
                when '{{ world }}'
                    then {{
                        (delivered_until(world) - last_delivered_date(world)).days
                    }}
            {%- endfor %}
        end as followed_days

    from metrics
    inner join experiments on metrics.experiment_id = experiments.experiment_id

),

-- a unit of several variants is not analysed
expected as (

    select outcomes.*

    from outcomes
    inner join complete_metrics
        on
            outcomes.experiment_id = complete_metrics.experiment_id
            and outcomes.metric = complete_metrics.metric
            and outcomes.followed_days >= complete_metrics.followed_days
    left join exposures on outcomes.unit_hash = exposures.unit_hash

    where not coalesce(exposures.is_multi_variant, false)

),

observed as (

    select unit_metrics.*

    from unit_metrics
    inner join exposures on unit_metrics.unit_hash = exposures.unit_hash
    inner join complete_metrics
        on
            unit_metrics.experiment_id = complete_metrics.experiment_id
            and unit_metrics.metric = complete_metrics.metric
            and exposures.followed_days >= complete_metrics.followed_days

),

different as (

    select
        coalesce(expected.experiment_id, observed.experiment_id) as experiment_id,
        coalesce(expected.unit_id, observed.unit_id) as unit_id,
        coalesce(expected.metric, observed.metric) as metric,
        expected.numerator as expected_numerator,
        observed.numerator_winsorized,
        expected.denominator as expected_denominator,
        observed.denominator

    from expected
    full outer join observed
        on
            expected.unit_hash = observed.unit_hash
            and expected.metric = observed.metric

    where
        expected.unit_id is null
        or observed.unit_id is null
        or expected.numerator != observed.numerator_winsorized
        or coalesce(expected.denominator, -1) != coalesce(observed.denominator, -1)

)

select * from different
