-- one row per experiment, exposed unit and metric through whose window the unit was
-- followed, logged or not
with

exposures as (

    select
        *,
        {{ delivered('shop') }} as is_logged

    from {{ ref('gen_shop__exposures') }}

    where is_assigned

),

observed as (

    select
        experiment_id,
        unit_id,
        stratum

    from {{ ref('int_shop__exposures') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

windows as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.variant,
        observed.stratum,
        metrics.metric,
        metrics.kind,
        metrics.window_start_day,
        metrics.window_end_day,
        exposures.is_logged,
        exposures.exposed_at

    from exposures
    inner join metrics on exposures.experiment_id = metrics.experiment_id
    left join observed
        on
            exposures.experiment_id = observed.experiment_id
            and exposures.unit_id = observed.unit_id

    where
        {{ days_between(
            'exposures.exposed_at', timestamp_literal(last_delivered_date('shop'))
        ) }} >= metrics.window_end_day

)

select * from windows
